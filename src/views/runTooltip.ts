import { basename } from 'node:path'
import { progressText, spentMs } from '../protocol/progress'
import { providerName } from '../protocol/providerNames'
import { settingTitle } from '../recipe/settingTitle'
import { shortId } from '../protocol/view'
import { isBundled } from '../recipe/bundled'
import { recipes } from '../recipe/door'
import { fields } from '../recipe/fields'
import { getPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import { keptRows, type StoredRun } from '../run/store'
import { t } from '../sampler/text'
import { outcomeAt } from './runOutcome'

/** Characters of a value; of a longer one the beginning is shown. */
const longestValue = 80
/** What is said of a run apart from the other fields. */
const saidElsewhere: readonly string[] = ['version', 'noise.seed']

/**
 * What made a run, as Markdown: its picture, what it is called by and is, how it ended, what it cost, on what and when, which fields of its recipe are not at their default, where it is, and
 * a link to its run.json. @param link the address of that @param language of dates, as VS Code names it
 */
export function runTooltip(run: StoredRun, png: Uint8Array | undefined, link: string, language: string): string {
  const { document, name, folder } = run
  const { recipe, model } = document
  const called = `**${t('Run {0}', shortId(basename(folder)))}**`
  return [
    ...png ? [`![${t('result')}](data:image/png;base64,${Buffer.from(png).toString('base64')})`] : [],
    name === null ? called : `${called}: ${escaped(name)}`,
    escaped([model.name, recipes().runName(recipe), seedText(document.seeds, recipe)].join(' · ')),
    escaped(recorded(run, language).join(' · ')),
    table(t('Differs from the default'), unusual(recipe).map(([title, value]) => [escaped(title), code(value.length > longestValue ? `${value.slice(0, longestValue)}…` : value)])),
    code(folder),
    `[${t('Recipe, plan and model in {0}', 'run.json')}](${link})`,
  ].filter((part) => part !== '').join('\n\n')
}

/** Of a batch the first and the last. */
function seedText(seeds: readonly string[], { noise }: Recipe): string {
  return seeds.length > 1 ? t('seeds {0} … {1}', seeds[0]!, seeds.at(-1)!) : t('seed {0}', noise.seed)
}

/** Fields of a recipe that are not at their default, by what the Settings editor calls them, or would. */
function unusual(recipe: Recipe): [string, string][] {
  const usual = recipes().defaultRecipe()
  return fields.filter(({ path }) => !saidElsewhere.includes(path) && !(path === 'model.path' && isBundled(recipe.model.path))).flatMap(({ path, setting }) => {
    const value = getPath(recipe, path)
    if (JSON.stringify(value) === JSON.stringify(getPath(usual, path))) return []
    return [[settingTitle(setting ?? path), typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}

/** What became of it: where it ended, unless it was finished, what it cost, on what, when, what is not there, and why it failed. */
function recorded({ document, rows, end, outcome }: StoredRun, language: string): string[] {
  const { created, engine, recipe } = document
  const { evaluationsText, stepsText } = recipes()
  const cost = recipe.input.task === 'noise' ? stepsText(Math.max(0, rows.length - 1)) : evaluationsText(rows.at(-1)?.evaluations ?? 0)
  const seconds = ((end?.ms ?? spentMs(rows)) / 1000).toFixed(2)
  const provider = engine.server ? `${providerName(engine.provider)} (${engine.server.url})` : providerName(engine.provider)
  const kept = keptRows({ document, rows }).length
  return [
    ...outcome === 'finished' ? [] : [outcomeAt(outcome, progressText({ document, rows }))],
    t('{0} in {1} s on {2}', cost, seconds, provider), new Date(created).toLocaleString(language),
    ...kept === rows.length ? [] : [t('{0} of {1} states', kept, rows.length)], ...end?.error ? [end.error.message] : [],
  ]
}

/** Two columns, the first under a title; nothing where there are no rows. */
function table(title: string, rows: readonly (readonly [string, string])[]): string {
  return rows.length === 0 ? '' : [`| ${title} | |`, '|:--|:--|', ...rows.map(([name, value]) => `| ${name} | ${value.replace(/(?<!\\)\|/g, '\\|')} |`)].join('\n')
}

/** As text, whatever is in it. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, '\\$&')
}

/** As it stands, in a fence of more backticks than are in it; of nothing the quotes. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  if (line.trim() === '') return '`""`'
  const fence = '`'.repeat(1 + Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length)))
  return fence.length === 1 ? `\`${line}\`` : `${fence} ${line} ${fence}`
}
