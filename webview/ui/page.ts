import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { isGoing } from '../../src/protocol/view'
import { recipeInWords } from '../../src/recipe/recipeWords'
import type { Actions } from '../actions'
import { runRefusal } from '../form'
import { t } from '../../src/sampler/text'
import { lacksModel, type PageState } from '../state'
import type { Context } from './field'
import { narrowBelow } from './frameRoom'
import { frames } from './frames'
import { header } from './header'
import { icons } from './icons'
import { recipeForm } from './recipeForm'
import { runBar } from './runBar'
import { stateBar } from './stateBar'
import { timeline } from './timeline'

/** The whole page. A function of its state: nothing else decides what is on it. */
export function page(state: PageState, act: Actions, onMain: (element: Element | undefined) => void): TemplateResult {
  // The live region stands by itself: what comes together with its region may not be read out.
  return html`${content({ state, act }, onMain)}<p class="unseen" role="status" aria-live="polite">${state.announcement}</p>`
}

function content(context: Context, onMain: (element: Element | undefined) => void): TemplateResult {
  const { state } = context
  const narrow = state.size.width < narrowBelow
  // What was to be looked at is not there, which is all there is to say.
  if (state.view?.recording !== undefined && !state.view.run) return html`<main role="main"><h1 class="unseen">${t('DPM-Solver Preview')}</h1>${stateBar(context)}</main>`
  return html`
    ${header(context)}
    <div class="body">
      <aside class="recipe ${state.drawer ? 'open' : ''}" aria-label=${t('Recipe')} aria-busy=${state.planner === 'coming' ? 'true' : 'false'}>${drawerButton(context)}<div class="fold" id="recipe-fold">${leftColumn(context)}</div>${state.view?.recording === undefined ? runBar(context) : nothing}</aside>
      <main id="tab-panel" role="main" aria-busy=${isGoing(state.view?.run ?? null) ? 'true' : 'false'} ${ref(onMain)}>
        ${stateBar(context)}
        ${state.tab === 'plan' ? plan(context) : lacksModel(state) && typeof state.planner !== 'string' ? state.planner.noModel(context) : html`
          <div class="stage">${frames(context)}${narrow ? nothing : probe(context)}</div>
          ${timeline(context)}${narrow ? probe(context) : nothing}${typeof state.planner === 'string' ? nothing : state.planner.plotSection(context)}`}
      </main>
    </div>
    ${state.tab !== 'sample' ? nothing : typeof state.planner === 'string' ? html`<footer class="status" aria-label=${t('Statistics')}>${state.planner === 'failed' ? lost() : nothing}</footer>` : state.planner.statusLine(context)}
    ${typeof state.planner === 'string' ? nothing : state.planner.popup(context)}`
}

/** The numbers come with the mathematics. */
const probe = (context: Context): TemplateResult => typeof context.state.planner === 'string' ? html`<aside class="probe" aria-label=${t('Step')}></aside>` : context.state.planner.probe(context)

function leftColumn(context: Context): TemplateResult {
  const { planner, view } = context.state
  const run = view?.recording === undefined ? null : view.run
  if (!run?.document) return recipeForm(context)
  return typeof planner === 'string' ? html`<div class="form"></div>` : planner.recordedRecipe(context, run, run.document)
}

/** The Plan tab is drawn by what makes the plan. */
function plan(context: Context): TemplateResult {
  const { planner } = context.state
  if (typeof planner !== 'string') return planner.planTab(context)
  return html`<div class="plan"><p class="hint">${planner === 'failed' ? lost() : t('The planner is being loaded.')}</p></div>`
}

const lost = (): string => t('The planner could not be loaded. Close the preview and open it again.')

/** Below 640 px the recipe is folded away under this. */
function drawerButton({ state, act }: Context): TemplateResult {
  const recipe = state.form?.recipe
  const wrong = state.view?.trusted === true && state.view.recording === undefined && runRefusal(state) !== null
  return html`<button type="button" class="drawer" aria-expanded=${state.drawer ? 'true' : 'false'} aria-controls="recipe-fold" @click=${() => { act.drawer(!state.drawer) }}>
    ${icons.chevron}<b>${t('Recipe')}</b><span>${recipe ? recipeInWords(recipe) : ''}</span>${wrong ? html`<span class="bad">${t('cannot run as it is')}</span>` : nothing}</button>`
}
