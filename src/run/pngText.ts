import { basename, isAbsolute } from 'node:path'
import { stringifyJson } from '../protocol/json'
import type { RowEvent, RunDocument } from '../protocol/run'
import { fileFields } from '../protocol/view'
import { infotext } from '../recipe/infotext'
import { getPath, setPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import type { LatentSpace } from '../sampler/types'

/** What is kept in a PNG file of how its picture was made: everything, only what other programs read, or nothing. */
export const metadataKinds = ['full', 'parameters', 'none'] as const
export type Metadata = typeof metadataKinds[number]

/** A picture that is given away need not say where its maker keeps files: of a path the name stays. */
function withoutFolders(recipe: Recipe): Recipe {
  return ['model.path', ...Object.keys(fileFields)].reduce((made, path) => {
    const value = getPath(made, path)
    return typeof value === 'string' && isAbsolute(value) ? setPath(made, path, basename(value)) : made
  }, recipe)
}

/**
 * The texts of a PNG file of one row. `parameters` is what Stable Diffusion programs read; `dpm-solver` is JSON with the recipe of the run (of files their names, not their folders), its model, seeds and
 * labels, which row and image the picture is, and of latents by which map it has its approximate colours; nothing that another run of the same recipe would say differently.
 * @param of `item` of the batch, null or absent for all of it; `space`: the latents that the states were shown as
 */
export function pngTexts(document: RunDocument, { row, level }: Pick<RowEvent, 'row' | 'level'>, what: 'x' | 'x0' | 'both', metadata: Metadata, of: { item?: number | null; space?: LatentSpace | null } = {}): Record<string, string> {
  if (metadata === 'none') return {}
  const { item = null, space = null } = of
  const { recipe, model, shape: [, , height, width], labels, seeds, engine } = document
  const seed = seeds[item ?? 0] ?? String(recipe.noise.seed)
  const nullLabel = recipe.model.nullClassLabel === 'auto' ? model.classes?.nullLabel : recipe.model.nullClassLabel
  const classes = labels?.filter((_, k) => item === null || k === item).map((label) => label === nullLabel ? 'none' : label) ?? null
  const parameters = infotext(recipe, { model: model.name, size: [width, height], labels: classes, seed, version: engine.version })
  if (metadata === 'parameters') return { parameters }
  return { parameters, 'dpm-solver': stringifyJson({ version: 1, recipe: withoutFolders(recipe), model: { name: model.name, predictionType: model.predictionType, bytes: model.bytes }, seeds, labels, row, level, what, item, ...space === null ? {} : { latentToRgb: space }, provider: engine.provider }) }
}
