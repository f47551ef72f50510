import type { Recipe } from '../src/recipe/recipe'
import { contactSheet } from '../src/render/contactSheet'
import type { RgbaPixels, StateShape } from '../src/render/pixels'
import { batchNormals } from '../src/sampler/noise'

/** More values than this are not drawn just to be looked at. */
const limit = 1 << 20
let last: { key: string; sheet: RgbaPixels | null } | undefined

/** x_T = z of a fixed seed as a contact sheet, as the run would begin; null for a random seed or a state too large to draw at once. */
export function initialNoise({ seed, batch }: Recipe['noise'], shape: StateShape): RgbaPixels | null {
  const size = shape[1] * shape[2] * shape[3]
  if (seed === 'random' || batch * size > limit) return null
  const key = `${seed} ${shape.join('×')}`
  if (last?.key !== key) last = { key, sheet: contactSheet(batchNormals(String(seed), 0, shape[0], size), shape) }
  return last.sheet
}
