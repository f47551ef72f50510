import { singlestepOrders } from '../../src/sampler/orders'
import { stepsBetween } from '../../src/sampler/steps'
import { betasOf } from '../../src/sampler/schedule/betas'
import { spacedLevels } from '../../src/sampler/spacing'
import type { Compared } from './compare'
import { data, number, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { clip, scheduleOfCase, spacingOf, specOf } from './official'

/** log α, α, σ, λ at given times, the inverse at given λ, what is kept of a discrete table and how it continues. */
export function schedule(golden: Data, header: Data): Compared[] {
  const keptKey = Object.keys(golden).find((key) => key.startsWith('kept_knots_after_clip_lambda_'))
  const lambdaMin = keptKey === undefined ? clip : Number(keptKey.slice('kept_knots_after_clip_lambda_'.length))
  const { schedule, T } = scheduleOfCase(golden, header, lambdaMin)
  const levels = numbers(golden, 't').map((t) => schedule.level(t))
  const params = data(golden, 'params')
  const compared: Compared[] = [
    { what: 'T', got: [T], expected: [number(golden, 'T')], exact: true },
    { what: 'log_alpha', got: levels.map(logAlpha), expected: numbers(golden, 'log_alpha') },
    { what: 'alpha', got: levels.map(({ alpha }) => alpha), expected: numbers(golden, 'alpha') },
    { what: 'sigma', got: levels.map(({ sigma }) => sigma), expected: numbers(golden, 'sigma') },
    { what: 'lambda', got: levels.map(({ lambda }) => lambda), expected: numbers(golden, 'lambda') },
    { what: 'inverse_lambda', got: numbers(golden, 'lambda_in').map((lambda) => schedule.levelAtLambda(lambda).t), expected: numbers(golden, 'inverse_lambda') },
  ]
  if (schedule.knots !== undefined && 'total_N' in golden) compared.push({ what: 'total_N', got: [schedule.knots], expected: [number(golden, 'total_N')], exact: true })
  if (keptKey !== undefined) compared.push({ what: 'kept knots', got: [schedule.knots ?? NaN], expected: [number(golden, keptKey)], exact: true })
  if ('betas_first_last' in golden) compared.push({ what: 'betas', got: firstAndLast(params), expected: numbers(golden, 'betas_first_last') })
  if ('extrapolation' in golden) {
    const beyond = data(golden, 'extrapolation')
    compared.push({ what: 'extrapolation', got: numbers(beyond, 't').map((t) => logAlpha(schedule.level(t))), expected: numbers(beyond, 'log_alpha') })
  }
  return compared
}

/** log α from whichever of α and σ is the smaller, and so has the digits. */
const logAlpha = ({ alpha, sigma }: { alpha: number; sigma: number }): number => sigma < alpha ? Math.log1p(-sigma * sigma) / 2 : Math.log(alpha)

function firstAndLast(params: Data): number[] {
  const spec = specOf(params, null)
  if (spec.kind !== 'discrete') return []
  const betas = betasOf(spec.betas, spec.trainSteps, spec.betaStart, spec.betaEnd)
  return [...betas.slice(0, 2), ...betas.slice(-2)]
}

/** Spacings, and how DPM-Solver-fast divides its evaluations. */
export function timesteps(golden: Data, header: Data): Compared[] | Unsupported {
  const fn = text(golden, 'fn')
  const { schedule } = scheduleOfCase(golden, header)
  const spacing = spacingOf(golden)
  const from = schedule.level(number(golden, 't_T'))
  const to = schedule.level(number(golden, 't_0'))
  switch (fn) {
    case 'get_time_steps': {
      const levels = spacedLevels(spacing, schedule, from, to, number(golden, 'N'))
      return [
        { what: 't', got: levels.map(({ t }) => t), expected: numbers(golden, 't') },
        ...('lambda' in golden ? [{ what: 'lambda', got: levels.map(({ lambda }) => lambda), expected: numbers(golden, 'lambda') }] : []),
      ]
    }
    case 'get_orders_and_timesteps_for_singlestep_solver': {
      const order = number(golden, 'order') as 1 | 2 | 3
      const evaluations = number(golden, 'steps')
      const { steps } = stepsBetween({
        algorithm: 'dpmsolver', order, method: 'singlestep', steps: evaluations, orderSplit: 'authors', lowerOrderBelow: 0, variant: 'midpoint', options: {}, spacing,
      }, schedule, from, to, evaluations)
      return [
        { what: 'orders', got: steps.map((step) => step.order), expected: numbers(golden, 'orders'), exact: true },
        { what: 'orders', got: singlestepOrders(evaluations, order, 'authors'), expected: numbers(golden, 'orders'), exact: true },
        { what: 't', got: [from.t, ...steps.map((step) => step.to.t)], expected: numbers(golden, 't') },
      ]
    }
    default: return { unsupported: fn }
  }
}
