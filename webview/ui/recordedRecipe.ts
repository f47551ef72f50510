import { html, type TemplateResult } from 'lit-html'
import type { RunDocument } from '../../src/protocol/run'
import { fields } from '../../src/recipe/fields'
import { getPath } from '../../src/recipe/path'
import { providerName } from '../../src/protocol/providerNames'
import { runName } from '../runName'
import { button } from './controls'
import type { Context } from './field'
import { fileName } from './text'

/** The left column where a recording is shown: what its run was made with, to read, and the one way on. */
export function recordedRecipe({ state, act }: Context, document: RunDocument): TemplateResult {
  const { recipe, model, engine, created, seeds } = document
  const said: [string, string][] = [
    ['Model', model.name], ['Solver', runName(recipe)], ['Seed', seeds.length > 1 ? `${seeds[0]} … ${seeds.at(-1)}` : seeds[0] ?? ''], ['Provider', providerName(engine.provider)], ['Made', new Date(created).toLocaleString()],
  ]
  const all = fields.filter(({ path }) => path !== 'version').map(({ path }): [string, string] => [path, text(getPath(recipe, path))]).filter(([, value]) => value !== '')
  return html`<div class="form recorded">
    <p class="hint">A recorded run, to look at: ${fileName(state.view?.recording ?? '')}</p>
    ${list('Run', said)}
    <details><summary>The whole recipe</summary>${list('Recipe', all)}</details>
    <div class="buttons">${button({ label: 'Use This Recipe', appearance: 'primary', description: 'Puts this recipe, seed and all, into the preview’s form', onClick: act.useRecipe })}</div>
  </div>`
}

const list = (label: string, rows: readonly (readonly [string, string])[]): TemplateResult => html`<dl aria-label=${label}>${rows.map(([name, value]) => html`<dt>${name}</dt><dd title=${value}>${value}</dd>`)}</dl>`

function text(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([key, one]) => `${key} ${JSON.stringify(one)}`).join(', ') : String(value)
}
