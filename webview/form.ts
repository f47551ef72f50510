import type { Choices } from '../src/recipe/choices'
import { conditioning } from '../src/recipe/conditioning'
import type { ModelFacts } from '../src/recipe/model'
import { getPath, setPath, withoutPath } from '../src/recipe/path'
import type { Prepared } from '../src/recipe/prepare'
import type { Recipe } from '../src/recipe/recipe'
import { reportOf, type ErrorReport } from '../src/sampler/errors'
import { t } from '../src/sampler/text'
import type { PageState, Planner } from './state'

/** Text in a field that is being typed; `error` where it is no value, in one sentence. */
export interface Draft { text: string; error: string | null }

/** The recipe as the form has it, with what is needed to tell the user's edits from the host's. */
export interface Form {
  recipe: Recipe
  drafts: Readonly<Record<string, Draft>>
  /** The host's recipe as last heard. */
  heard: Recipe
  /** Recipes told to the host and not heard back yet, oldest first. */
  told: readonly Recipe[]
}

/** In place of a value, of an option: its key is left out of the recipe, which means the usual value. */
export const leftOut = Symbol('left out')

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * The form after the host's recipe came. An echo of something told leaves the form alone, and so does an old recipe that crossed an
 * edit on the way; anything else is the host's own change (another model, applied remedy, changed setting) and is taken.
 */
export function heardRecipe(form: Form | null, recipe: Recipe): Form {
  if (!form) return { recipe, drafts: {}, heard: recipe, told: [] }
  const echo = form.told.findIndex((told) => same(told, recipe))
  if (echo >= 0) return { ...form, heard: recipe, told: form.told.slice(echo + 1) }
  if (form.told.length > 0 && same(form.heard, recipe)) return form
  return same(form.recipe, recipe) ? { ...form, heard: recipe, told: [] } : { recipe, drafts: {}, heard: recipe, told: [] }
}

/** The form with recipe fields set, by dotted path, or `leftOut`; what was typed there is dropped. */
export function withFields(form: Form, set: Record<string, unknown>): Form {
  let recipe = form.recipe
  const drafts = { ...form.drafts }
  for (const [path, value] of Object.entries(set)) {
    recipe = value === leftOut ? withoutPath(recipe, path) : setPath(recipe, path, value)
    delete drafts[path]
  }
  return { ...form, recipe, drafts, told: [...form.told, recipe] }
}

export function withDraft(form: Form, path: string, draft: Draft | null): Form {
  const drafts = { ...form.drafts }
  if (draft) drafts[path] = draft
  else delete drafts[path]
  return { ...form, drafts }
}

/** What `prepare` says of the form's recipe with the chosen model: a plan with its notes, or the error. */
export interface Checked { prepared: Prepared | null; error: ErrorReport | null }

let last: { recipe: Recipe; facts: ModelFacts; checked: Checked } | undefined

/** Null while the model is not known or the planner not there. Remembered for one recipe and model, since every drawing asks. */
export function checked(state: PageState): Checked | null {
  const recipe = state.form?.recipe
  const facts = factsOf(state)
  const { planner } = state
  if (!recipe || !facts || typeof planner === 'string') return null
  if (last?.recipe !== recipe || last.facts !== facts) last = { recipe, facts, checked: check(planner, recipe, facts) }
  return last.checked
}

function check({ prepare }: Planner, recipe: Recipe, facts: ModelFacts): Checked {
  try {
    return { prepared: prepare(recipe, facts), error: null }
  } catch (error) {
    return { prepared: null, error: reportOf(error) }
  }
}

/** Facts of the chosen model, null while it is loading, failed, or the one before the form's latest choice. */
export function factsOf({ view, form }: PageState): ModelFacts | null {
  if (!form || view?.model.status !== 'ready') return null
  const chosen = form.recipe.model.path
  return view.model.path === chosen || form.heard.model.path === chosen ? view.model.facts : null
}

/** Why text that stands in a field is no value, in one sentence; null where all are values, or were never touched. */
export function refusedDraft({ form }: PageState): string | null {
  return Object.values(form?.drafts ?? {}).find(({ error }) => error !== null)?.error ?? null
}

/** The field at which something is wrong, if any. */
export function wrongField(state: PageState): string | undefined {
  return Object.entries(state.form?.drafts ?? {}).find(([, { error }]) => error !== null)?.[0] ?? checked(state)?.error?.field
}

/** Why Run is not possible, in one sentence; null where it is. While model or planner are being read the host is left to judge. */
export function runRefusal(state: PageState): string | null {
  if (!state.view || !state.form) return t('The panel is starting.')
  if (!state.view.trusted) return t('Running models needs a trusted workspace.')
  return refusedDraft(state) ?? checked(state)?.error?.message ?? null
}

let lastChoices: { recipe: Recipe; choices: Choices } | undefined

/** What the form's algorithm leaves to be chosen; null while its row is not there. Remembered for one recipe, since every drawing asks. */
export function choices({ form, planner }: PageState): Choices | null {
  if (!form || typeof planner === 'string') return null
  if (lastChoices?.recipe !== form.recipe) lastChoices = { recipe: form.recipe, choices: planner.choicesOf(form.recipe) }
  return lastChoices.choices
}

/** Why most of the form is of no use where an image is noised. */
export const noNetwork = t('Noising an image asks no network and needs no solver.')

/** Why the guidance scale can do nothing, in one sentence; null where it can. Known also while another field is wrong. */
export function guidanceOff(state: PageState): string | null {
  const facts = factsOf(state)
  if (state.form?.recipe.input.task === 'noise') return noNetwork
  if (!facts || !state.form) return null
  try {
    return conditioning(state.form.recipe, facts).guidanceOff
  } catch {
    return null // the class itself is refused, which is said at its field
  }
}

export function isModified(state: PageState, path: string): boolean {
  return state.view !== null && state.form !== null && !same(getPath(state.form.recipe, path), getPath(state.view.defaults, path))
}

/** Paths of the model's own solver whose values the form does not have; empty where there is nothing to offer. */
export function offeredChanges(state: PageState): Record<string, unknown> {
  const offer = factsOf(state)?.solverOffer ?? {}
  return Object.fromEntries(Object.entries(offer).filter(([path, value]) => !same(getPath(state.form?.recipe, path), value)))
}
