import type { RunView } from '../src/protocol/view'
import type { Recipe } from '../src/recipe/recipe'
import { runName, stepsText } from '../src/recipe/recipeWords'
import { t } from '../src/sampler/text'
import type { Plan } from '../src/sampler/types'

/** What a plan costs, or of a run that finds its steps by itself what it has cost so far; null where nobody knows. */
export function costText({ evaluations, adaptive, steps }: Plan, run: RunView | null): { short: string; long: string } | null {
  if (evaluations === 0 && !adaptive) return { short: stepsText(steps.length), long: t('{0}, no model evaluation', stepsText(steps.length)) }
  const count = adaptive ? run?.rows.at(-1)?.evaluations : evaluations
  return count === undefined ? null : { short: `${count} NFE`, long: count === 1 ? t('1 model evaluation') : t('{0} model evaluations', count) }
}

/** What a recipe's run is called by, and what its plan costs. */
export function nameAndCost(recipe: Recipe, plan: Plan, run: RunView | null): string {
  const cost = costText(plan, run)
  return cost ? `${runName(recipe)}, ${cost.long}` : runName(recipe)
}
