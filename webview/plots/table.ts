import { html, nothing, type TemplateResult } from 'lit-html'
import { guard } from 'lit-html/directives/guard.js'
import { csv } from '../../src/formats/csv'
import { readable } from './numbers'
import { inWords, type Plot } from './plot'

/** The numbers of a plot, a row for each of its x: its text alternative. `current` is the row on show. */
export function plotTable(plot: Plot, current: number): TemplateResult {
  const header = [plot.x.symbol, ...plot.series.map(({ symbol }) => symbol)]
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${plot.title}>${guard([plot, current], () => html`
    <table class="numbers"><caption class="unseen">${inWords(plot)}</caption>
      <thead><tr>${header.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${plot.x.values.map((x, i) => html`<tr class=${i === current ? 'current' : ''} aria-current=${i === current ? 'step' : nothing}>
        <th scope="row">${Number(x.toPrecision(4))}</th>${plot.series.map(({ values }) => html`<td>${readable(values[i], 6)}</td>`)}</tr>`)}</tbody></table>`)}</div>`
}

/** The same with all digits, as a CSV file; empty cells where there is no value. */
export function plotCsv(plot: Plot): string {
  return csv([plot.x.symbol, ...plot.series.map(({ symbol }) => symbol)], plot.x.values.map((x, i) => [x, ...plot.series.map(({ values }) => {
    const value = values[i]
    return value === undefined || Number.isNaN(value) ? null : value
  })]))
}
