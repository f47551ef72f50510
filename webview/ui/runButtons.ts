import { html, nothing, type TemplateResult } from 'lit-html'
import { isCutShort, isGoing, type RunView } from '../../src/protocol/view'
import { fields } from '../../src/recipe/fields'
import { getPath } from '../../src/recipe/path'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { drawsNoise } from '../announce'
import { same } from '../form'
import { hasStates } from '../keptRows'
import { shownRow, type PageState } from '../state'
import { button } from './controls'
import type { Context } from './field'

/** Beside the sentence on what goes on: what can be done with the run shown. */
export function runButtons(context: Context): TemplateResult | typeof nothing {
  const { state, act } = context
  const run = state.view?.run
  if (!run || run.rows.length === 0) return nothing
  if (isGoing(run)) return isShrunk(state) ? html`<div class="buttons">${button({ label: t('Full Resolution'), description: t('Stay at this step and fetch its pictures in full'), onClick: () => { act.go(shownRow(state)) } })}</div>` : nothing
  const stopped = run.status === 'stopped' && state.view?.recording === undefined
  return html`${stopped ? whyNot(context, run) : nothing}<div class="buttons">${stopped ? stoppedButtons(context) : nothing}${results(context)}</div>`
}

/** In the banner of a run whose engine exited, beside running it again: to go on with it, or why that cannot be. */
export function resumeOffer(context: Context): TemplateResult | typeof nothing {
  const { view } = context.state
  const run = view?.run
  return run && isCutShort(run) && run.rows.length > 0 && view.recording === undefined ? html`${resumeButton(context, 'secondary')}${whyNot(context, run)}` : nothing
}

/** A run is followed, and its pictures are smaller than they could be. */
function isShrunk(state: PageState): boolean {
  const shape = state.view?.run?.document?.shape
  return state.player.following && shape !== undefined && !isPlane(shape) && state.frames.get(shownRow(state))?.full === false
}

/** Why Resume cannot be chosen, or when that is known; that a workspace is not trusted is said above. */
function whyNot({ state }: Context, { resume }: RunView): TemplateResult | typeof nothing {
  if (!resume || resume.why === null || !state.view!.trusted) return nothing
  const from = resume.from === undefined ? null : timeText(new Date(Math.ceil(resume.from / 1000) * 1000))
  return html`<span class="hint">${from === null ? t('It cannot be resumed: {0}', resume.why) : t('Whether it can be resumed is known at {0}.', from)}</span>`
}

function stoppedButtons(context: Context): TemplateResult {
  return html`${resumeButton(context, 'primary')}
    ${button({ label: t('Discard'), description: t('Delete this run and its recording'), onClick: context.act.discard })}`
}

function resumeButton({ state, act }: Context, appearance: 'primary' | 'secondary'): TemplateResult {
  const { run, trusted } = state.view!
  const why = trusted ? run?.resume?.why : t('Running models needs a trusted workspace.')
  return button({ label: t('Resume'), appearance, disabled: why !== null, description: why ?? (why === null ? t('Go on from the last step, as if the run had not been stopped') : t('Looking whether the run can be resumed…')), onClick: act.resume })
}

function results({ state, act }: Context): TemplateResult {
  const run = state.view!.run!
  const seed = run.document?.recipe.noise.seed
  const inForm = String(seed) === String(state.form?.recipe.noise.seed)
  const [rows, states] = [run.rows.length, run.rows.filter(({ row }) => hasStates(run, row)).length]
  return html`${button({ label: t('Save Image…'), description: t('Save x̂₀ of the step shown'), onClick: () => { act.saveImage('x0') } })}
    ${button({ label: t('Export…'), description: whatIsSaved(rows, states), onClick: () => { act.command('dpmSolver.exportTrajectory') } })}
    ${drawsNoise(run) && state.view!.recording === undefined ? button({ label: t('Reuse Seed'), disabled: inForm, description: inForm ? t('The form has this seed already') : t('Put seed {0} into the form', String(seed)), onClick: act.reuseSeed }) : nothing}
    ${isOfOtherRecipe(state, run) ? button({ label: t('Use This Recipe'), description: t('Put the recipe of this run, seed and all, into the form'), onClick: act.useRecipe }) : nothing}`
}

/** The form, where there is one, differs from what the run was made with in more than the seed. */
function isOfOtherRecipe({ form, view }: PageState, { document }: RunView): boolean {
  if (!form || !document || view?.recording !== undefined) return false
  return fields.some(({ path }) => path !== 'noise.seed' && !same(getPath(form.recipe, path), getPath(document.recipe, path)))
}

function whatIsSaved(rows: number, states: number): string {
  if (states === rows) return t('Save the whole trajectory: as pictures, as an animation, as numbers')
  return states === 1 ? t('Save the one state that was kept, of {0}: as a picture, as numbers', rows) : t('Save the {0} states that were kept, of {1}: as pictures, as an animation, as numbers', states, rows)
}

/** With its date where that is not today. */
function timeText(at: Date): string {
  const { lang } = window.document.documentElement
  return at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString(lang) : at.toLocaleString(lang)
}
