import { html, nothing, type TemplateResult } from 'lit-html'
import { solverName } from '../../src/recipe/solverName'
import type { Plan, Step, Term } from '../../src/sampler/types'
import { checked, factsOf } from '../form'
import { evaluationsAt, type PageState } from '../state'
import type { Context } from './field'
import { fixed } from './text'

/** The Plan tab: what the form's recipe will compute, before any model runs. */
export function planTab({ state }: Context): TemplateResult {
  const check = checked(state)
  const recipe = state.form?.recipe
  if (!check?.prepared || !recipe) {
    return html`<div class="plan"><p class=${check?.error ? 'field-error' : 'hint'}>${check?.error ? `${check.error.message} ${check.error.advice}` : missing(state)}</p></div>`
  }
  const { plan, notes } = check.prepared
  return html`<div class="plan">
    <p>${solverName(recipe.solver)}: ${plan.adaptive ? 'steps of its own choice.' : `${plan.steps.length} steps, ${plan.evaluations} model evaluations.`} ${notes.join(' ')}</p>
    <p class="hint">m is the network’s output as ${plan.form === 'data' ? 'an estimate x̂₀ of the data' : 'an estimate ε of the noise'}: m₀, m₁, … of this step’s evaluations, m₋₁ the newest of the steps before.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Plan">
      <table class="steps"><caption class="unseen">Levels and steps of the plan</caption>
        <thead><tr>${['i', 't', 'λ', 'h', 'α', 'σ', 'order', 'NFE', 'next state ='].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rowsOf(plan)}</tbody></table>
    </div></div>`
}

/** Why there is no plan and no error either. */
function missing(state: PageState): string {
  if (state.planner === 'failed') return 'The planner could not be loaded. Close the preview and open it again.'
  return factsOf(state) ? 'The planner is being loaded.' : 'The plan appears once the model is known.'
}

function rowsOf(plan: Plan): TemplateResult[] {
  const made = evaluationsAt(plan)
  // What a run finds by itself is one way between the first two levels.
  const before = plan.adaptive ? 1 : 0
  return plan.levels.map((level, i) => {
    const step = plan.steps[i - before]
    return html`<tr><th scope="row">${i}</th><td>${fixed(level.t, 5)}</td><td>${fixed(level.lambda, 4, true)}</td><td>${step ? fixed(step.to.lambda - step.from.lambda, 4) : ''}</td>
      <td>${fixed(level.alpha, 5)}</td><td>${fixed(level.sigma, 5)}</td><td>${step?.order ?? ''}</td><td>${made[i - before] ?? ''}</td><td class="formula">${step ? formula(step) : nothing}</td></tr>`
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
