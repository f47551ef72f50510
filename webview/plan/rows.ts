import { csv } from '../../src/formats/csv'
import type { Level, Plan, Step } from '../../src/sampler/types'
import { formulaText } from './formula'

/** One line of the plan's table: a level, and the step that starts there. */
export interface PlanRow {
  /** null after steps that nobody has counted. */
  i: number | null
  level: Level
  step: Step | undefined
  /** λ to the next level; undefined at the last one. */
  h: number | undefined
  /** Evaluations of this step, and of the plan with it; undefined where they are found while the run goes. */
  evaluations: number | undefined
  made: number | undefined
  /** Steps of the run's own choice lead from here to the next level. */
  found?: true
}

/** The lines of a plan; of one whose steps are found while it runs its ends, and the steps that come last. */
export function planRows({ levels, steps, adaptive }: Plan): PlanRow[] {
  const last = adaptive ? steps : null
  let made = 0
  const row = (level: Level, i: number | null, step: Step | undefined): PlanRow => {
    made += step?.stages.length ?? 0
    return { i, level, step, h: step && step.to.lambda - step.from.lambda, evaluations: step?.stages.length, made: last ? undefined : made }
  }
  if (!adaptive) return levels.map((level, i) => row(level, i, steps[i]))
  const begin: PlanRow = { i: 0, level: adaptive.from, step: undefined, h: adaptive.to.lambda - adaptive.from.lambda, evaluations: undefined, made: undefined, found: true }
  return [begin, ...levels.slice(1).map((level, i) => row(level, null, steps[i]))]
}

/** The table with all digits, as RFC 4180 has it. */
export function planCsv(plan: Plan): string {
  return csv(['i', 't', 'lambda', 'h', 'alpha', 'sigma', 'order', 'evaluations', 'nfe', 'coefficients'], planRows(plan).map(({ i, level, step, h, evaluations, made, found }) => [
    i, level.t, level.lambda, h ?? null, level.alpha, level.sigma, step ? step.order : null, evaluations ?? null, made ?? null, step ? formulaText(step) : found ? 'found while it runs' : null,
  ]))
}
