import { html, type TemplateResult } from 'lit-html'
import type { RunDocument } from '../../src/protocol/run'
import { fields } from '../../src/recipe/fields'
import { getPath } from '../../src/recipe/path'
import { providerName } from '../../src/protocol/providerNames'
import { shortId, type RunView } from '../../src/protocol/view'
import { t } from '../../src/sampler/text'
import { button } from './controls'
import type { Context } from './field'
import { runFacts } from './runFacts'
import { fileName } from './text'

/** The left column where a run is shown to look at, recorded in a file or in a panel of its own: what its run was made with, to read, and the one way on. */
export function recordedRecipe({ state, act }: Context, run: RunView, document: RunDocument): TemplateResult {
  const { recipe, model, engine, created } = document
  const file = fileName(state.view?.recording ?? '')
  const id = shortId(run.runId)
  const { solver, ...facts } = runFacts(run)
  const said: [string, string][] = [
    [t('Run'), run.name === null ? id : `${id}: ${run.name}`], [t('Model'), model.name], ...[solver, ...Object.values(facts)].filter((fact) => fact !== undefined).map(([, name, value]): [string, string] => [name, value]),
    [t('Provider'), providerName(engine.provider)], [t('Made'), new Date(created).toLocaleString(window.document.documentElement.lang)],
  ]
  const all = fields.filter(({ path }) => path !== 'version').map(({ path }): [string, string] => [path, text(getPath(recipe, path))]).filter(([, value]) => value !== '')
  return html`<div class="form recorded">
    <p class="hint">${file.endsWith('.dpmrun') ? t('A recorded run, to look at: {0}', file) : t('Run {0} in its own panel, to look at', id)}</p>
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
