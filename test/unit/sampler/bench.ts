import type { AnalyticModel } from '../../../src/sampler/analytic'
import { asNetwork } from '../../../src/sampler/analytic'
import { makePlan } from '../../../src/sampler/plan'
import { sample, type Row } from '../../../src/sampler/sample'
import { scheduleOf, timeLabel } from '../../../src/sampler/schedule/schedule'
import type { FloatArray, NoiseSchedule, Plan, PlanRequest, PredictionType, ScheduleSpec } from '../../../src/sampler/types'

/** One of every kind of noise schedule, by name. */
export const specs: Readonly<Record<string, ScheduleSpec>> = {
  linear: { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 },
  scaledLinear: { kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: -5.1 },
  squaredcosCapV2: { kind: 'discrete', betas: 'squaredcos_cap_v2', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: -5.1 },
  unclipped: { kind: 'discrete', betas: 'squaredcos_cap_v2', trainSteps: 400, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: null },
  given: { kind: 'discrete', betas: [0.01, 0.03, 0.05, 0.1, 0.2, 0.4, 0.8], trainSteps: 0, betaStart: 0, betaEnd: 0, lambdaMin: -5.1 },
  vpLinear: { kind: 'vpLinear', beta0: 0.1, beta1: 20 },
  vpConstant: { kind: 'vpLinear', beta0: 7, beta1: 7 },
  vpCosine: { kind: 'vpCosine', s: 0.008 },
}
/** Those that are not α² + σ² = 1, or begin without any signal. */
export const otherSpecs: Readonly<Record<string, ScheduleSpec>> = {
  edm: { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 },
  flow: { kind: 'flow', shift: 1, trainSteps: 1000 },
  shiftedFlow: { kind: 'flow', shift: 3, trainSteps: 1000 },
  zeroTerminalSnr: { kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: null, zeroTerminalSnr: true },
}
export const otherSchedules: readonly (readonly [string, NoiseSchedule])[] = Object.entries(otherSpecs).map(([name, spec]) => [name, scheduleOf(spec)])
export const schedules: readonly (readonly [string, NoiseSchedule])[] = Object.entries(specs).map(([name, spec]) => [name, scheduleOf(spec)])
export const vpLinear = scheduleOf(specs['vpLinear']!)
export const linear = scheduleOf(specs['linear']!)

/** The defaults of the settings, with changes. */
export function request(changes: Partial<PlanRequest> = {}): PlanRequest {
  return {
    algorithm: 'dpmsolver++', order: 2, method: 'multistep', steps: 20, orderSplit: 'authors', lowerOrderBelow: 15, finalSigma: 'sigmaMin',
    variant: 'midpoint', options: {}, spacing: 'logSNR', tEnd: 'auto', ...changes,
  }
}

/** All rows of a run, their arrays copied. */
export async function rows(plan: Plan, x: FloatArray, evaluate: Parameters<typeof sample>[0]['evaluate'], schedule: NoiseSchedule, prediction: PredictionType = 'epsilon'): Promise<Row[]> {
  const all: Row[] = []
  for await (const row of sample({ plan, prediction, x, label: (level) => timeLabel(level, schedule), evaluate })) all.push({ ...row, x: row.x.slice(), x0: row.x0.slice() })
  return all
}

/** The final state of a run with a closed-form model, in float64. */
export async function solve(model: AnalyticModel, schedule: NoiseSchedule, changes: Partial<PlanRequest>, x: Float64Array, prediction: PredictionType = 'epsilon'): Promise<FloatArray> {
  const all = await rows(makePlan(request(changes), schedule), x, asNetwork(model, prediction), schedule, prediction)
  return all.at(-1)!.x
}

export const evaluationsOf = (plan: Plan): number => plan.steps.reduce((sum, step) => sum + step.stages.length, 0)

/** |a − b| ≤ tolerance·max(1, |b|). */
export const close = (a: number, b: number, tolerance: number): boolean => a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))
