import { classifierGuided, guide, type Gradient } from '../../src/sampler/guidance'
import type { Evaluate } from '../../src/sampler/sample'
import { clip, threshold } from '../../src/sampler/thresholding'
import type { Plan, PredictionType } from '../../src/sampler/types'
import type { Compared } from './compare'
import { number, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { modelOfCase, scheduleOfCase, type GoldenModel, type GoldenSchedule } from './official'
import { callsOf, missing, planOf, solve, type Corrections } from './solve'

const predictions: Readonly<Record<string, PredictionType>> = { noise: 'epsilon', x_start: 'sample', v: 'v_prediction', score: 'score' }

/** How a case asks the network, and what it changes on the way. */
interface Way { evaluate: Evaluate; prediction: PredictionType; corrections?: Corrections }

/** What the network predicts, guidance with and without a classifier, thresholding, and the authors' hooks. */
export async function guidance(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const unsupported = missing(golden)
  if (unsupported !== undefined) return { unsupported }
  const at = scheduleOfCase(golden, header)
  const { model, x } = modelOfCase(golden, header, at.schedule)
  const plan = planOf(golden, at)
  const way = wayOf(golden, model, plan, at, x)
  if ('unsupported' in way) return way
  const run = await solve(plan, x, way.evaluate, at, way.prediction, way.corrections)
  return [{ what: 'x', got: run.x, expected: numbers(golden, 'x') }, ...callsOf(golden, run)]
}

function wayOf(golden: Data, model: GoldenModel, plan: Pick<Plan, 'form'>, at: GoldenSchedule, x: Float64Array): Way | Unsupported {
  const fn = text(golden, 'fn')
  const asked: Way = { evaluate: model.network('epsilon'), prediction: 'epsilon' }
  const items = x.length / model.size
  // The authors' code changes x̂₀ in the data form only.
  const estimate = (correct: (x0: Parameters<typeof clip>[0]) => void): Way => ({ ...asked, corrections: plan.form === 'data' ? { correctEstimate: correct } : {} })
  switch (fn) {
    case 'parameterisation': {
      const type = text(golden, 'model_type')
      const prediction = predictions[type]
      return prediction === undefined ? { unsupported: `${type} prediction` } : { evaluate: model.network(prediction), prediction }
    }
    case 'classifier-free':
    case 'classifier': {
      const conditional = model.component?.(number(golden, 'condition_component'))
      const scale = number(golden, 'guidance_scale')
      if (!conditional) return { unsupported: fn }
      return { ...asked, evaluate: fn === 'classifier' ? classifierGuided(asked.evaluate, 'epsilon', gradient(asked.evaluate, conditional), scale) : guided(asked.evaluate, conditional, scale) }
    }
    case 'dynamic_thresholding': return estimate((x0) => { threshold(x0, items, { ratio: number(golden, 'ratio'), max: number(golden, 'max_val'), form: 'authors' }) })
    case 'hook:x0_clip': return estimate((x0) => { clip(x0, 1) })
    case 'hook:xt_replace_dim0': return replacing(text(golden, 'method') === 'multistep', model, plan, at)
    default: return { unsupported: fn }
  }
}

/** Both branches as one doubled output; at scale 1 the conditional one alone. */
function guided(unconditional: Evaluate, conditional: Evaluate, scale: number): Evaluate {
  return async (x, point) => {
    const c = await conditional(x, point)
    if (scale === 1) return c
    return guide(Float64Array.of(...await unconditional(x, point), ...c), scale, new Float64Array(x.length))
  }
}

/** ∇ log p(k | x_t) = (ε − ε_k)/σ: the score of the component less that of the mixture. */
function gradient(mixture: Evaluate, component: Evaluate): Gradient {
  return async (x, point) => {
    const own = await component(x, point)
    return Float64Array.from(await mixture(x, point), (epsilon, i) => (epsilon - own[i]!) / point.level.sigma)
  }
}

/** The first value of every item is set to 0.7 α after every step; the authors' multistep does so with x_T too, after it was evaluated. */
function replacing(multistep: boolean, model: GoldenModel, { form }: Pick<Plan, 'form'>, { schedule, T }: GoldenSchedule): Way {
  const replace = (x: { length: number; [i: number]: number }, alpha: number): void => { for (let i = 0; i < x.length; i += model.size) x[i] = 0.7 * alpha }
  // What the method takes, so that the state is not needed once it is replaced.
  const prediction = form === 'data' ? 'sample' : 'epsilon'
  const network = model.network(prediction)
  return {
    prediction, corrections: { correctState: (x, { alpha }) => { replace(x, alpha) } },
    evaluate: async (x, point) => {
      const output = await network(x, point)
      if (multistep && point.evaluation === 1) replace(x, schedule.level(T).alpha)
      return output
    },
  }
}
