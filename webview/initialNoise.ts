import type { Recipe } from '../src/recipe/recipe'
import { contactSheet } from '../src/render/contactSheet'
import { shown } from '../src/render/latents'
import type { RgbaPixels, StateShape } from '../src/render/pixels'
import { batchSeeds, drawBatch, noiseSource } from '../src/sampler/random/source'
import type { LatentSpace } from '../src/sampler/types'
import { spaceOf, type PageState } from './state'

/** More values than this are not drawn just to be looked at. */
const limit = 1 << 20
interface Noise { key: string; values: Float32Array; drawn?: { space: LatentSpace | null; sheet: RgbaPixels } }
let last: Noise | undefined

/** x_T = z of a fixed seed as a contact sheet, as the run would begin; null for a random seed or a state too large to draw at once. */
export function initialNoise(state: PageState, noise: Recipe['noise'], shape: StateShape): RgbaPixels | null {
  const made = make(noise, shape)
  if (!made) return null
  const space = spaceOf(state)
  if (made.drawn === undefined || made.drawn.space !== space) {
    const seen = shown(made.values, shape, space)
    made.drawn = { space, sheet: contactSheet(seen.values, seen.shape) }
  }
  return made.drawn.sheet
}

/** The same as numbers. */
export function initialState(noise: Recipe['noise'], shape: StateShape): Float32Array | null {
  return make(noise, shape)?.values ?? null
}

function make({ seed, batch, generator }: Recipe['noise'], shape: StateShape): Noise | null {
  const size = shape[1] * shape[2] * shape[3]
  if (seed === 'random' || batch * size > limit) return null
  const key = `${generator} ${seed} ${shape.join('×')}`
  if (last?.key === key) return last
  const values = new Float32Array(shape[0] * size)
  drawBatch(noiseSource(generator, batchSeeds(String(seed), shape[0])), values, 0)
  return last = { key, values }
}
