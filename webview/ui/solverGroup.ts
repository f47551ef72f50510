import { html, nothing, type TemplateResult } from 'lit-html'
import type { Choices } from '../../src/recipe/choices'
import type { Recipe } from '../../src/recipe/recipe'
import { t } from '../../src/sampler/text'
import { algorithms } from '../../src/recipe/solverName'
import { choices, noNetwork, offeredChanges } from '../form'
import { button } from './controls'
import { describe, field, type Context } from './field'
import { group } from './group'
import { segments } from './native'
import { numberField } from './numberField'
import { ends, methods, splits, variants } from './text'
import { choiceField } from './valueFields'

/** The solver: what an algorithm has no choice of is off, and says why. */
export function solverGroup(context: Context, recipe: Recipe): TemplateResult {
  const { state, act } = context
  const { order } = recipe.solver
  const offered = choices(state)
  const off = offOf(recipe, offered)
  const counted = off.steps !== null && offered?.adaptive !== true && typeof state.planner !== 'string' ? state.planner.countOf(state) : null
  const orderSpec = { path: 'solver.order', label: t('Order'), off: off.order }
  const orders = [1, 2, 3].filter((value) => !offered || offered.orders.length < 2 || value === order || offered.orders.some((own) => own === value))
  return group(t('Solver'), html`
    ${choiceField(context, { path: 'solver.algorithm', label: t('Algorithm'), words: algorithms, off: off.all })}
    ${field(context, orderSpec, segments({
      ...describe(state, orderSpec), value: String(offered?.orders.length === 1 ? offered.orders[0] : order), options: orders.map((value) => ({ value: String(value), label: String(value) })), onChange: (value) => { act.edit('solver.order', Number(value)) },
    }))}
    ${choiceField(context, { path: 'solver.method', label: t('Method'), words: among(methods, offered?.methods), off: off.method })}
    ${choiceField(context, { path: 'solver.variant', label: t('Variant'), words: variants, off: off.variant })}
    ${numberField(context, { path: 'solver.steps', label: t('Steps'), integer: true, range: [1, 50, 1], off: off.steps, ...counted === null ? {} : { decided: counted } })}
    ${choiceField(context, { path: 'solver.orderSplit', label: t('NFE split'), words: splits, off: off.split })}
    ${numberField(context, { path: 'solver.lowerOrderBelow', label: t('Lower below'), integer: true, off: off.lower })}
    ${choiceField(context, { path: 'solver.finalSigma', label: t('Final σ'), words: ends, off: off.end })}
    ${off.all ? nothing : offer(context)}`)
}

/** The names of the values that an algorithm has; all while that is not known, or where it has one and the field is off. */
function among<T extends string>(words: Readonly<Record<T, string>>, values: readonly T[] | undefined): Record<string, string> {
  return !values || values.length < 2 ? words : Object.fromEntries(values.map((value) => [value, words[value]]))
}

/** Why each field of the solver cannot be used; null where it can. */
function offOf({ solver: { order, method }, schedule: { spacing }, input: { task } }: Recipe, offered: Choices | null): Record<'all' | 'order' | 'method' | 'variant' | 'steps' | 'split' | 'lower' | 'end', string | null> {
  const all = task === 'noise' ? noNetwork : null
  const adaptive = offered?.adaptive === true
  const one = (what: 'order' | 'method' | 'variant', count: number | undefined): string | null => all ?? (offered && count !== undefined && count < 2 ? oneOnly(offered.title, what) : null)
  const own = offered?.methods.length === 1 ? offered.methods[0]! : method
  return {
    all, order: one('order', offered?.orders.length), method: one('method', offered?.methods.length), variant: one('variant', offered?.variants.length),
    steps: all ? null : adaptive ? t('Adaptive steps find their own number.') : spacing === 'custom' ? t('The custom time steps decide: one evaluation fewer than they have points. Change them in the Plan tab.') : null,
    split: all ?? (own !== 'singlestep' ? t('Only singlestep divides its evaluations over steps of different order.') : offered && offered.methods.length < 2 ? t('{0} divides its evaluations in one way.', offered.title) : order === 1 ? t('Order 1 has nothing to divide.') : null),
    lower: all ?? (own !== 'multistep' ? t('Only multistep lowers the order at the end.') : order === 1 && offered?.orders.length !== 1 ? t('Order 1 is the lowest.') : offered && !offered.lowers ? t('{0} does not lower its order at the end.', offered.title) : null),
    end: all ?? (task === 'sample' ? null : t('Encoding and decoding go between the ends of the schedule.')),
  }
}

function offer({ state, act }: Context): TemplateResult | typeof nothing {
  const changes = offeredChanges(state)
  if (Object.keys(changes).length === 0) return nothing
  const words = Object.entries(changes).map(([path, value]) => `${path.split('.').at(-1)} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')
  return html`<p class="offer">${button({ label: t('Use the Model’s Solver'), description: t('Sets what the model’s scheduler_config.json names: {0}.', words), onClick: () => { act.apply(changes) } })}</p>`
}

function oneOnly(title: string, what: 'order' | 'method' | 'variant'): string {
  switch (what) {
    case 'order': return t('{0} has one order.', title)
    case 'method': return t('{0} has one method.', title)
    case 'variant': return t('{0} has one variant.', title)
  }
}
