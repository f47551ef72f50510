import { rowOf } from '../sampler/algorithms'
import { chosen } from '../sampler/plan'
import type { AlgorithmRow, Option, StepsRequest } from '../sampler/row'
import type { NoiseChoice, Recipe } from './recipe'
import { scheduleConstants } from './scheduleChoice'
import { scheduleOptionsOf, usualOfSpacing } from './scheduleOptions'

/** What a recipe's algorithm leaves to be chosen, as data of its row: the form is made from it. */
export interface Choices extends Pick<AlgorithmRow, 'title' | 'orders' | 'methods' | 'variants'> {
  /** Steps are found while the run goes: `steps` and the spacing do not count. */
  adaptive: boolean
  /** `lowerOrderBelow` can make a difference. */
  lowers: boolean
  /** The options that count with the recipe's order, method and spacing, with the values they have where they are left out. */
  options: readonly Option[]
}

export function choicesOf({ solver, schedule }: Pick<Recipe, 'solver' | 'schedule'>): Choices {
  const row = rowOf(solver.algorithm)
  const { title, orders, methods, variants } = row
  const request: StepsRequest = { ...solver, spacing: schedule.spacing, ...chosen(row, solver) }
  const used = row.uses(request)
  return {
    title, orders, methods, variants, adaptive: request.method === 'adaptive', lowers: request.method === 'multistep' && lowers(row, request),
    options: row.options.filter(({ name }) => used.includes(name)).map((option) => asUsual(option, request)),
  }
}

/** The orders of a short run say whether its end is lowered. */
function lowers(row: AlgorithmRow, request: StepsRequest): boolean {
  const orders = (lowerOrderBelow: number): string => row.slots({ ...request, steps: 6, lowerOrderBelow }, 6, false).map(({ order }) => order).join()
  return orders(0) !== orders(7)
}

/** Two usual values go by the order asked for, where a row can state one only. */
function asUsual(option: Option, { order }: StepsRequest): Option {
  if (option.kind !== 'number') return option
  if (option.name === 'r1' && order === 2) return { ...option, usual: 1 / 2 }
  return option.name === 'order' ? { ...option, usual: order } : option
}

/** The options of a recipe's spacing and noise schedule, with the values they have where they are left out; undefined: none. */
export function scheduleChoices(schedule: Pick<Recipe['schedule'], 'noise' | 'spacing'>): { name: string; usual: unknown }[] {
  return scheduleOptionsOf(schedule).map((name) => ({ name, usual: usualOfSpacing[name] ?? constantOf(schedule.noise, name) }))
}

function constantOf(noise: NoiseChoice, name: string): unknown {
  if (noise === 'model' || noise === 'betas') return undefined
  return Object.entries(scheduleConstants[noise]).find(([key]) => key === name)?.[1]
}

/** True where the steps' places are those of a discrete schedule, some of whose knots can be left out. */
export function isDiscrete(noise: NoiseChoice, model: { kind: string } | undefined): boolean {
  if (noise === 'model') return model === undefined || model.kind === 'discrete'
  return noise === 'betas' || scheduleConstants[noise].kind === 'discrete'
}
