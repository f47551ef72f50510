import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { t } from '../../src/sampler/text'
import type { Plan } from '../../src/sampler/types'
import { shownRow, type PageState } from '../state'
import type { Context } from '../ui/field'
import { fixed } from '../ui/text'
import { formula } from './formula'
import { planRows, type PlanRow } from './rows'

/** Height in CSS pixels that css/plan.css gives a line of a table that is not drawn whole; in one that is, formulas are broken where there is no room for them. */
const lineHeight = 24
/** So many lines are drawn whole; of longer tables those in view, with some around them. */
const drawnWhole = 150
const around = 30
/** The first line that is drawn changes in steps of so many. */
const stride = 10

/** The levels of a plan and the steps that start there. The line of the step under the cursor is marked, and kept in view. */
export function planTable({ state, act }: Context, plan: Plan): TemplateResult {
  const rows = rowsOf(plan)
  const current = currentRow(state, plan)
  const whole = rows.length <= drawnWhole
  const first = whole ? 0 : Math.max(0, Math.min(state.plan.first, rows.length - 1) - around)
  const last = whole ? rows.length : Math.min(rows.length, state.plan.first + Math.ceil((state.size.height || 800) / lineHeight) + around)
  const onScroll = ({ target }: Event): void => {
    const top = Math.floor((target as HTMLElement).scrollTop / lineHeight / stride) * stride
    if (!whole && top !== state.plan.first) act.plan({ first: top })
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t('Steps of the plan')} @scroll=${onScroll} ${ref((element) => { if (element) queueMicrotask(() => { follow(element, current) }) })}>
    <table class=${whole ? 'steps whole' : 'steps'} aria-rowcount=${rows.length + 1}><caption class="unseen">${t('Levels and steps of the plan')}</caption>
      <thead><tr aria-rowindex="1">${['i', 't', 'λ', 'h', 'α', 'σ', t('order'), t('evaluations'), 'NFE', t('next state =')].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${space(first)}${rows.slice(first, last).map((row, k) => line(row, first + k, first + k === current))}${space(rows.length - last)}</tbody></table>
  </div>`
}

const space = (lines: number): TemplateResult | typeof nothing => lines > 0 ? html`<tr class="space" aria-hidden="true"><td colspan="10" height=${lines * lineHeight}></td></tr>` : nothing

function line({ i, level, step, h, evaluations, made, found }: PlanRow, index: number, current: boolean): TemplateResult {
  return html`<tr aria-rowindex=${index + 2} class=${current ? 'current' : nothing} aria-current=${current ? 'step' : nothing}><th scope="row">${i ?? '–'}</th>
    <td>${fixed(level.t, 5)}</td><td>${fixed(level.lambda, 4, true)}</td><td>${h === undefined ? '' : fixed(h, 4)}</td><td>${fixed(level.alpha, 5)}</td><td>${fixed(level.sigma, 5)}</td>
    <td>${step?.order || ''}</td><td>${step ? evaluations : ''}</td><td>${made ?? ''}</td><td class="formula">${step ? formula(step) : found ? t('steps that are found while it runs') : nothing}</td></tr>`
}

let lastRows: { plan: Plan; rows: PlanRow[] } | undefined

function rowsOf(plan: Plan): PlanRow[] {
  if (lastRows?.plan !== plan) lastRows = { plan, rows: planRows(plan) }
  return lastRows.rows
}

/** Levels that are made custom steps stay where they are, to rounding. */
const near = (a: number, b: number): boolean => a === b || Math.abs(a - b) < 1e-9

let lastSame: { plan: Plan; other: Plan; same: boolean } | undefined

/** The line of the row under the cursor, where the run on show goes along this plan. */
function currentRow(state: PageState, plan: Plan): number | undefined {
  const other = state.view?.run?.document?.plan
  const row = shownRow(state)
  if (!other || row < 0 || other.adaptive || plan.adaptive) return undefined
  if (lastSame?.plan !== plan || lastSame.other !== other) {
    lastSame = { plan, other, same: plan === other || plan.levels.length === other.levels.length && plan.levels.every(({ lambda }, i) => near(lambda, other.levels[i]!.lambda)) && plan.steps.every(({ order }, i) => order === other.steps[i]?.order) }
  }
  return lastSame.same ? row : undefined
}

const followed = new WeakMap<Element, number | undefined>()

/** Scrolls the table, and it alone, to a line that became the current one out of sight. */
function follow(scroll: Element, current: number | undefined): void {
  if (followed.get(scroll) === current) return
  followed.set(scroll, current)
  if (current === undefined) return
  const row = scroll.querySelector<HTMLElement>('.whole tr.current')
  const top = row ? row.offsetTop - lineHeight : current * lineHeight // below the header, which stays in view
  const room = scroll.clientHeight - 2 * lineHeight
  if (room > 0 && (top < scroll.scrollTop || top > scroll.scrollTop + room)) scroll.scrollTop = Math.max(0, top - room / 2)
}
