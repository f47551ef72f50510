import { html, nothing, type TemplateResult } from 'lit-html'
import { providerName } from '../../src/protocol/providerNames'
import { runName } from '../../src/recipe/recipeWords'
import { t } from '../../src/sampler/text'
import { costText, nameAndCost } from '../runName'
import { checked, factsOf } from '../form'
import { isGoing, type Tab } from '../../src/protocol/view'
import type { Context } from './field'

const tabs: readonly { id: Tab; label: string }[] = [{ id: 'sample', label: t('Sample') }, { id: 'plan', label: t('Plan') }]

/** Tabs, and what is really running: solver and evaluations, provider and tensor shape. */
export function header(context: Context): TemplateResult {
  const { state, act } = context
  const move = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    const next = state.tab === 'sample' ? 'plan' : 'sample'
    act.tab(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return html`<header>
    <h1 class="unseen">${t('DPM-Solver Preview')}</h1>
    <div role="tablist" aria-label=${t('Panel')} @keydown=${move}>${tabs.map(({ id, label }) => html`
      <button type="button" role="tab" id=${`tab-${id}`} aria-selected=${state.tab === id ? 'true' : 'false'} aria-controls="tab-panel" tabindex=${state.tab === id ? 0 : -1} @click=${() => { act.tab(id) }}>${label}</button>`)}
    </div>
    <span class="grow"></span>
    ${remoteChip(context)}${solverChip(context)}${providerChip(context)}
  </header>`
}

/** Of a recording only while it goes: it may have been made anywhere. */
function remoteChip({ state: { view } }: Context): TemplateResult | typeof nothing {
  const where = view?.remote
  return where === undefined || (view?.recording !== undefined && !isGoing(view.run)) ? nothing : html`<span class="chip remote" title=${t('Models run on {0}; while a run goes its pictures are kept small, at rest they are shown in full.', where)}>${t('on {0}', where)}</span>`
}

function solverChip({ state }: Context): TemplateResult | typeof nothing {
  const document = state.view?.run?.document
  const recipe = document?.recipe ?? (state.view?.run ? undefined : state.form?.recipe)
  const plan = document?.plan ?? checked(state)?.prepared?.plan
  if (!recipe || !plan) return nothing
  const run = state.view?.run ?? null
  const [name, cost, called] = [runName(recipe), costText(plan, run), nameAndCost(recipe, plan, run)]
  return html`<span class="chip" title=${[document ? t('The run shown: {0}', called) : t('The next run: {0}', called), ...plan.notes].join('\n')}>${name}${cost && ` · ${cost.short}`}</span>`
}

function providerChip({ state, act }: Context): TemplateResult | typeof nothing {
  const document = state.view?.run?.document
  if (!document) {
    const shape = factsOf(state)?.shape
    return state.view && shape ? html`<span class="chip" title=${t('Execution provider and tensor shape of the next run')}>${providerName(state.view.provider)} · ${[state.form?.recipe.noise.batch ?? 1, ...shape].join('×')}</span>` : nothing
  }
  const { provider, tried, server } = document.engine
  const refused = tried.filter(({ error }) => error !== undefined)
  const why = refused.map((one) => `${providerName(one.provider)}: ${one.error}`)
  return html`<button type="button" class="chip" aria-expanded=${state.popup === 'provider' ? 'true' : 'false'} title=${[server ? t('Evaluated by {0}.', server.url) : t('Ran on {0}.', providerName(provider)), ...why].join('\n')}
    @click=${() => { act.popup(state.popup === 'provider' ? null : 'provider') }}>${providerName(provider)} · ${document.shape.join('×')}</button>`
}
