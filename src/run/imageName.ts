import { isLastRow } from '../protocol/progress'
import type { RowEvent, RunDocument } from '../protocol/run'
import type { Recipe } from '../recipe/recipe'
import type { Plan } from '../sampler/types'

/** What may stand as ${name} in a template of names, and what comes in its place. What a run does not have is left out, with the separator before it. */
const placeholders = {
  date: ({ date }) => date,
  model: ({ model }) => model,
  task: ({ recipe }) => recipe.input.task,
  algorithm: ({ recipe: { input: { task }, solver } }) => [...task === 'sample' ? [] : [task], ...task === 'noise' ? [] : [solver.algorithm]].join('-'),
  order: ({ recipe }) => solves(recipe) && String(recipe.solver.order),
  method: ({ recipe }) => solves(recipe) && recipe.solver.method,
  steps: ({ recipe, plan }) => !plan.adaptive && String(recipe.solver.steps),
  spacing: ({ recipe }) => recipe.schedule.spacing,
  guidance: ({ recipe }) => String(recipe.guidance.scale),
  batch: ({ recipe }) => String(recipe.noise.batch),
  seed: ({ recipe, seed }) => seed ?? String(recipe.noise.seed),
  step: ({ step }) => step !== undefined && String(step),
} as const satisfies Record<string, (run: NamedRun) => string | false>

const solves = ({ input: { task } }: Recipe): boolean => task !== 'noise'

/** What names are made from. `seed`: of one image of the batch; `step`: of one picture. */
export interface NamedRun { date: string; model: string; recipe: Recipe; plan: Pick<Plan, 'adaptive'>; seed?: string; step?: number }

/** As the setting output.fileName begins. `algorithm` has the task before it where that is another than sampling. */
export const usualFileName = '${date}-${model}-${algorithm}-${steps}-${seed}'
export const placeholderNames = Object.keys(placeholders)

/** False where a template has a placeholder that means nothing here, or nothing at all. */
export function isTemplate(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && [...value.matchAll(/\$\{([^}]*)(\}?)/g)].every(([, name = '', closed]) => closed !== '' && Object.hasOwn(placeholders, name))
}

/** Bytes of a name at most: file systems take 255, and an ending follows. */
const longestName = 200
/** Names that Windows keeps for devices, whatever their ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** The name that a template makes, without an ending: letters, digits and . + - _ of any script, what else there is becomes _. A name on every file system. */
export function nameBy(template: string, run: NamedRun): string {
  const filled = template.replace(/([-_. ]?)\$\{(\w+)\}/g, (whole, separator: string, name: string) => {
    const value = Object.hasOwn(placeholders, name) ? placeholders[name as keyof typeof placeholders](run) : whole
    return value === false || value === '' ? '' : separator + value
  })
  const safe = filled.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}_.+-]+/gu, '_').replace(/^[-_.]+|\.+$/g, '').replace(devices, '$1_')
  const cut = Buffer.from(safe).subarray(0, longestName).toString().replace(/[\uFFFD.]+$/, '')
  return cut === '' ? 'image' : cut
}

/** File name that is offered for a picture of a run by a template, with the step and kind where it is not the result and the template does not say so. `item`: of one image of the batch. */
export function imageName(document: RunDocument, row: Pick<RowEvent, 'row' | 'order' | 'lanes'>, what: 'x' | 'x0', template = usualFileName, item?: number): string {
  const seed = item === undefined ? undefined : document.seeds[item]
  const parts = [nameBy(template, { ...named(document), step: row.row, ...seed === undefined ? {} : { seed } })]
  if (!isLastRow(row, document.plan) && !template.includes('${step}')) parts.push(`step${row.row}`)
  if (what === 'x0') parts.push('estimate')
  return `${parts.join('-')}.png`
}

/** Name without an extension that is offered for a file of a whole run. */
export function runName(document: RunDocument, template = usualFileName): string {
  return nameBy(template, named(document))
}

function named({ created, model, recipe, plan }: RunDocument): NamedRun {
  return { date: created.slice(0, 19).replace(/[-:]/g, '').replace('T', '-'), model: model.name, recipe, plan }
}
