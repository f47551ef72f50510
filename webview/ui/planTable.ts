import { html, nothing, type TemplateResult } from 'lit-html'
import type { AdaptivePlan, Plan, Step, Term } from '../../src/sampler/types'
import { checked, factsOf } from '../form'
import { runName } from '../runName'
import { evaluationsAt, type PageState } from '../state'
import type { Context } from './field'
import { fixed } from './text'

/** The Plan tab: what the form's recipe will compute, before any model runs. */
export function planTab({ state }: Context): TemplateResult {
  const check = state.view?.recording === undefined ? checked(state) : recordedPlan(state)
  const recipe = state.form?.recipe
  if (!check?.prepared || !recipe) {
    return html`<div class="plan"><p class=${check?.error ? 'field-error' : 'hint'}>${check?.error ? `${check.error.message} ${check.error.advice}` : missing(state)}</p></div>`
  }
  const { plan, notes } = check.prepared
  return html`<div class="plan">
    <p>${runName(recipe)}: ${plan.adaptive ? found(plan.adaptive) : `${plan.steps.length} steps, ${plan.evaluations} model evaluations.`} ${notes.join(' ')}</p>
    ${plan.steps.length === 0 ? nothing : html`<p class="hint">${legend(plan)}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Plan">
      <table class="steps"><caption class="unseen">Levels and steps of the plan</caption>
        <thead><tr>${['i', 't', 'λ', 'h', 'α', 'σ', 'order', 'NFE', 'next state ='].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rowsOf(plan)}</tbody></table>
    </div>`}</div>`
}

/** Of a recording, the plan that was carried out. */
function recordedPlan({ view }: PageState): { prepared: { plan: Plan; notes: readonly string[] } | null; error: null } {
  const plan = view?.run?.document?.plan
  return { prepared: plan ? { plan, notes: plan.notes } : null, error: null }
}

/** Why there is no plan and no error either. */
function missing(state: PageState): string {
  if (state.planner === 'failed') return 'The planner could not be loaded. Close the preview and open it again.'
  return factsOf(state) ? 'The planner is being loaded.' : 'The plan appears once the model is known.'
}

/** What is known beforehand of steps that are found while the run goes; the tolerances are in the notes. */
function found({ from, to, variable }: AdaptivePlan): string {
  return `its steps are found while it runs, in ${variable === 't' ? 't' : 'λ'}, for each image by itself, from λ = ${fixed(from.lambda, 3)} to λ = ${fixed(to.lambda, 3)}.`
}

function legend({ form, steps, adaptive }: Plan): string {
  const terms = steps.flatMap(({ stages, update }) => [...update, ...stages.flatMap(({ input }) => input)])
  const has = (part: string): boolean => terms.some(({ of }) => of !== 'state' && part in of)
  return [
    ...adaptive ? ['The step that comes after them:'] : [],
    ...has('stage') || has('past') ? [`m is the network’s output as ${form === 'data' ? 'an estimate x̂₀ of the data' : 'an estimate ε of the noise'}: m₀, m₁, … of this step’s evaluations, m₋₁ the newest of the steps before.`] : [],
    ...has('draw') || has('brownian') ? ['z is unit noise.'] : [],
  ].join(' ')
}

/** The rows of a plan; of an adaptive one those of the steps that come last. */
function rowsOf(plan: Plan): TemplateResult[] {
  const made = evaluationsAt(plan)
  const levels = plan.adaptive ? plan.levels.slice(-plan.steps.length - 1) : plan.levels
  return levels.map((level, i) => {
    const step = plan.steps[i]
    return html`<tr><th scope="row">${plan.adaptive ? '–' : i}</th><td>${fixed(level.t, 5)}</td><td>${fixed(level.lambda, 4, true)}</td><td>${step ? fixed(step.to.lambda - step.from.lambda, 4) : ''}</td>
      <td>${fixed(level.alpha, 5)}</td><td>${fixed(level.sigma, 5)}</td><td>${step?.order || ''}</td><td>${made[i]}</td><td class="formula">${step ? formula(step) : nothing}</td></tr>`
  })
}

/** “0.9120 x + 0.0711 m₀ − 0.0101 m₋₁”. */
function formula({ update }: Step): TemplateResult {
  return html`${update.filter(({ coefficient }) => coefficient !== 0).map((term, i) => html`${term.coefficient < 0 ? '− ' : i > 0 ? '+ ' : ''}${fixed(Math.abs(term.coefficient), 4)}&thinsp;${name(term)} `)}`
}

function name({ of }: Term): TemplateResult {
  if (of === 'state') return html`x`
  if ('stage' in of) return html`m<sub>${of.stage}</sub>`
  if ('past' in of) return html`m<sub>−${of.past + 1}</sub>`
  return html`z`
}
