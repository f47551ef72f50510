import { html, type TemplateResult } from 'lit-html'
import type { RunDocument } from '../../src/protocol/run'
import { fields } from '../../src/recipe/fields'
import { getPath } from '../../src/recipe/path'
import { providerName } from '../../src/protocol/providerNames'
import { t } from '../../src/sampler/text'
import { runName } from '../runName'
import { button } from './controls'
import type { Context } from './field'
import { fileName } from './text'

/** The left column where a run is shown to look at, recorded in a file or in a panel of its own: what its run was made with, to read, and the one way on. */
export function recordedRecipe({ state, act }: Context, document: RunDocument): TemplateResult {
  const { recipe, model, engine, created, seeds } = document
  const name = fileName(state.view?.recording ?? '')
  const said: [string, string][] = [
    [t('Model'), model.name], [t('Solver'), runName(recipe)], [t('Seed'), seeds.length > 1 ? `${seeds[0]} … ${seeds.at(-1)}` : seeds[0] ?? ''], [t('Provider'), providerName(engine.provider)], [t('Made'), new Date(created).toLocaleString(window.document.documentElement.lang)],
  ]
  const all = fields.filter(({ path }) => path !== 'version').map(({ path }): [string, string] => [path, text(getPath(recipe, path))]).filter(([, value]) => value !== '')
  return html`<div class="form recorded">
    <p class="hint">${name.endsWith('.dpmrun') ? t('A recorded run, to look at: {0}', name) : t('Run {0} in its own panel, to look at', name.split('-').at(-1)!)}</p>
    ${list(t('Run'), said)}
    <details><summary>${t('The whole recipe')}</summary>${list(t('Recipe'), all)}</details>
    <div class="buttons">${button({ label: t('Use This Recipe'), appearance: 'primary', description: t('Puts this recipe, seed and all, into the preview’s form'), onClick: act.useRecipe })}</div>
  </div>`
}

const list = (label: string, rows: readonly (readonly [string, string])[]): TemplateResult => html`<dl aria-label=${label}>${rows.map(([name, value]) => html`<dt>${name}</dt><dd title=${value}>${value}</dd>`)}</dl>`

function text(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([key, one]) => `${key} ${JSON.stringify(one)}`).join(', ') : String(value)
}
