import { sample, type Evaluate, type SampleRequest } from '../../src/sampler/sample'
import type { FloatArray, Level, PredictionType } from '../../src/sampler/types'
import type { Compared } from './compare'
import { correctionOf } from './diffusersClip'
import { configOf, tableOf, type Config } from './diffusersConfig'
import { askedOf, gridOf, type Grid } from './diffusersGrid'
import { planOf, type PeerPlan } from './diffusersPlan'
import { explicitNoise } from './explicitNoise'
import { data, isData, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { modelOfCase, type GoldenModel } from './official'

/** Final states. */
export async function diffusersFinal(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const run = await runCase(golden, header)
  return 'unsupported' in run ? run : [{ what: 'x', got: run.states.at(-1) ?? [], expected: numbers(golden, 'x') }]
}

/** Grid and states after every call of the scheduler, of the first item. */
export async function diffusersTrace(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const run = await runCase(golden, header)
  if ('unsupported' in run) return run
  const { grid, states } = run
  return [
    { what: 'timesteps', got: grid.timesteps, expected: numbers(golden, 'timesteps') },
    ...('sigmas' in golden ? [{ what: 'sigmas', got: grid.sigmas ?? [], expected: numbers(golden, 'sigmas') }] : []),
    { what: 'states', got: states.flatMap((state) => [...state]), expected: numbers(golden, 'states') },
  ]
}

interface CaseRun { grid: Grid; states: FloatArray[] }

async function runCase(golden: Data, header: Data): Promise<CaseRun | Unsupported> {
  const scheduler = text(golden, 'scheduler')
  const config = configOf(scheduler, data(golden, 'config'))
  const grid = config && gridOf(scheduler, config, askedOf(golden))
  const plan = grid && planOf(scheduler, config, grid, isData(golden['step']) ? golden['step'] : {})
  const prediction = predictions[text(golden, 'pred')]
  if (!plan || prediction === undefined) return { unsupported: plan ? `${text(golden, 'pred')} prediction` : scheduler }
  const { model, x } = modelOfCase(golden, header)
  const evaluate = evaluateOf(model, golden['mode'], config, prediction)
  // Traces run the first item only.
  const items = 'states' in golden ? x.slice(0, model.size) : x
  const correction = correctionOf(config, items.length / model.size)
  const extras = { ...('noise_seed' in golden ? { noise: explicitNoise(golden) } : {}), ...(correction ? { correctEstimate: correction } : {}) }
  return { grid, states: await runPlan(plan, prediction, items.map((value) => value * grid.initNoiseSigma), evaluate, extras) }
}

const predictions: Readonly<Record<string, PredictionType>> = {
  epsilon: 'epsilon', sample: 'sample', v_prediction: 'v_prediction', flow: 'flow', flow_prediction: 'flow', edm_F: 'sample',
}

/** The peer's states: x_T is not among them, every later one is where it evaluates next, or the end. */
export async function runPlan(
  { form, steps, scaled }: PeerPlan, prediction: PredictionType, x: FloatArray, evaluate: Evaluate, extras: Pick<SampleRequest, 'noise' | 'correctEstimate'> = {},
): Promise<FloatArray[]> {
  const peers = (state: FloatArray, { alpha }: Level): FloatArray => Float64Array.from(state, (value) => scaled ? value / alpha : value)
  const states: FloatArray[] = []
  const watched: Evaluate = (state, point) => {
    states.push(peers(state, point.level))
    return evaluate(state, point)
  }
  const start = steps[0]!.from
  const own = Float64Array.from(x, (value) => scaled ? value * start.alpha : value)
  let end: FloatArray = own
  for await (const row of sample({ plan: { form, steps }, prediction, x: own, label: ({ t }) => t, evaluate: watched, ...extras })) end = row.x
  return [...states.slice(1), peers(end, steps.at(-1)!.to)]
}

/** The model of a case, asked at the level its time label stands for. */
export function evaluateOf(model: GoldenModel, mode: unknown, config: Config, prediction: PredictionType): Evaluate {
  const network = model.network(prediction)
  return (x, point) => network(x, { ...point, level: levelAt(mode, config, point.label) })
}

function levelAt(mode: unknown, config: Config, label: number): Level {
  if (mode === 'flow') {
    const t = label / Number(config['num_train_timesteps'])
    return { t, alpha: 1 - t, sigma: t, lambda: Math.log((1 - t) / t) }
  }
  if (mode === 've') {
    const sigma = Math.exp(4 * label)
    return { t: label, alpha: 1, sigma, lambda: -Math.log(sigma) }
  }
  const { alphasCumprod } = tableOf(config)
  const i = Math.min(Math.floor(label), alphasCumprod.length - 2)
  const [low, high] = [alphasCumprod[i]!, alphasCumprod[i + 1]!]
  const alphaBar = label === i ? low : label === i + 1 ? high : Math.exp(Math.log(low) + (Math.log(high) - Math.log(low)) * (label - i))
  return { t: label, alpha: Math.sqrt(alphaBar), sigma: Math.sqrt(1 - alphaBar), lambda: Math.log(alphaBar / (1 - alphaBar)) / 2 }
}
