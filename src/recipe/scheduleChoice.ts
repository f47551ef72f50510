import { DpmError } from '../sampler/errors'
import { dynamicShift } from '../sampler/schedule/flow'
import { t } from '../sampler/text'
import type { ScheduleSpec } from '../sampler/types'
import type { ModelFacts } from './model'
import type { NoiseChoice, Recipe, ScheduleOptions } from './recipe'
import { noiseOptionsOf } from './scheduleOptions'

type Constants = { [Choice in Exclude<NoiseChoice, 'model' | 'betas'>]: ScheduleSpec }

/** The schedules that can be chosen by name, with their papers' constants. */
export const scheduleConstants: Constants = {
  linear: { kind: 'discrete', betas: 'linear', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: null },
  scaledLinear: { kind: 'discrete', betas: 'scaled_linear', trainSteps: 1000, betaStart: 0.00085, betaEnd: 0.012, lambdaMin: null },
  squaredcosCapV2: { kind: 'discrete', betas: 'squaredcos_cap_v2', trainSteps: 1000, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: null },
  vpLinear: { kind: 'vpLinear', beta0: 0.1, beta1: 20 },
  vpCosine: { kind: 'vpCosine', s: 0.008 },
  edm: { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 },
  flow: { kind: 'flow', shift: 1, trainSteps: 1000 },
}

/**
 * The schedule that places the levels and the model's own, both with the recipe's `schedule.lambdaMin` unless they end without signal. They are equal unless
 * `schedule.noise` names another or `schedule.zeroTerminalSnr` stretches it. Throws DpmError at `schedule.betas` where the betas are asked for and missing.
 */
export function schedulesOf(recipe: Recipe, facts: ModelFacts): { schedule: ScheduleSpec; ownSchedule: ScheduleSpec } {
  const { noise, betas } = recipe.schedule
  const lambdaMin = recipe.schedule.lambdaMin === 'none' ? null : recipe.schedule.lambdaMin
  const cut = (spec: ScheduleSpec): ScheduleSpec => spec.kind === 'discrete' ? { ...spec, lambdaMin: spec.zeroTerminalSnr ? null : lambdaMin } : spec
  const placing = (spec: ScheduleSpec): ScheduleSpec => cut(spec.kind === 'discrete' && recipe.schedule.zeroTerminalSnr ? { ...spec, zeroTerminalSnr: true } : spec)
  const ownSchedule = cut(facts.schedule)
  if (noise === 'model') return { schedule: placing(facts.schedule), ownSchedule }
  if (noise !== 'betas') return { schedule: placing(withOptions(noise, recipe.schedule.options, facts)), ownSchedule }
  if (betas.length < 2) {
    throw new DpmError({
      reason: 'recipeInvalid', field: 'schedule.betas', message: betas.length === 0 ? t('schedule.noise is betas, but schedule.betas lists none.') : t('schedule.noise is betas, but schedule.betas lists only one.'),
      advice: t('List the betas, at least two, or take the model’s own schedule.'), remedy: { title: t('Use the Model’s Schedule'), set: { 'schedule.noise': 'model' } },
    })
  }
  return { schedule: placing({ kind: 'discrete', betas: [...betas], trainSteps: betas.length, betaStart: 0, betaEnd: 0, lambdaMin }), ownSchedule }
}

/** A schedule with the constants that the recipe gives in place of the papers'. */
function withOptions(noise: keyof typeof scheduleConstants, options: ScheduleOptions, { shape: [, height, width] }: ModelFacts): ScheduleSpec {
  const spec = scheduleConstants[noise]
  const given = Object.fromEntries(Object.entries(options).filter(([name]) => noiseOptionsOf(noise).includes(name)))
  // As many tokens as transformers of flow-matching models make of an image: one for each 2×2 patch.
  return { ...spec, ...given, ...(given['shift'] === 'dynamic' ? { shift: dynamicShift(height * width / 4) } : {}) }
}

/** True where both give the same levels: fields that a schedule does not use are not compared. */
export function sameSchedule(a: ScheduleSpec, b: ScheduleSpec): boolean {
  return JSON.stringify(usedParts(a)) === JSON.stringify(usedParts(b))
}

function usedParts(spec: ScheduleSpec): unknown[] {
  switch (spec.kind) {
    case 'vpLinear': return [spec.kind, spec.beta0, spec.beta1]
    case 'vpCosine': return [spec.kind, spec.s]
    case 'discrete': {
      const { betas, trainSteps, betaStart, betaEnd, lambdaMin } = spec
      const end = [lambdaMin, spec.zeroTerminalSnr === true]
      if (Array.isArray(betas)) return [spec.kind, betas, ...end]
      return betas === 'squaredcos_cap_v2' ? [spec.kind, betas, trainSteps, ...end] : [spec.kind, betas, trainSteps, betaStart, betaEnd, ...end]
    }
    case 'edm': return [spec.kind, spec.sigmaMin, spec.sigmaMax, spec.sigmaData]
    case 'flow': return [spec.kind, spec.shift, spec.trainSteps]
  }
}

/** A schedule in words, for notes and logs. */
export function scheduleName(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'vpLinear': return t('the continuous linear schedule (β {0} … {1})', spec.beta0, spec.beta1)
    case 'vpCosine': return t('the continuous cosine schedule (s {0})', spec.s)
    case 'discrete': {
      if (Array.isArray(spec.betas)) return t('the {0} betas given', spec.betas.length)
      const steps = spec.trainSteps.toLocaleString('en')
      switch (spec.betas) {
        case 'linear': return t('the discrete linear schedule of {0} steps', steps)
        case 'scaled_linear': return t('the discrete scaled linear schedule of {0} steps', steps)
        case 'squaredcos_cap_v2': return t('the discrete squared cosine schedule of {0} steps', steps)
      }
    }
    case 'edm': return t('the EDM schedule (σ {0} … {1})', spec.sigmaMin, spec.sigmaMax)
    case 'flow': return t('the flow-matching schedule (shift {0})', spec.shift)
  }
}
