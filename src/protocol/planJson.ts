import type { Prepared } from '../recipe/prepare'
import type { Recipe } from '../recipe/recipe'
import { stringifyJson } from './json'

/** The plan for programs: its levels, its steps with their coefficients and, where the run finds its steps itself, how. */
export function planJson(recipe: Recipe, { plan, schedule, notes }: Pick<Prepared, 'plan' | 'schedule' | 'notes'>): Record<string, unknown> {
  const { form, evaluations, levels, steps, adaptive } = plan
  return { recipe, schedule, form, evaluations, levels, steps, ...adaptive ? { adaptive } : {}, notes }
}

/** The same as text: in one line as the command line prints it, or to be read. Numbers that are not finite are words. */
export const planText = (recipe: Recipe, prepared: Parameters<typeof planJson>[1], indent?: number): string => `${stringifyJson(planJson(recipe, prepared), indent)}\n`
