import { complete } from '../../src/recipe/defaults'
import type { ModelFacts } from '../../src/recipe/model'
import { prepare } from '../../src/recipe/prepare'
import type { Recipe } from '../../src/recipe/recipe'
import { algorithms } from '../../src/sampler/algorithms'
import { DpmError } from '../../src/sampler/errors'
import type { Algorithm } from '../../src/sampler/types'

/** Numbers in [0, 1) that are the same for the same seed: the SplitMix32 generator. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = state + 0x9e3779b9 >>> 0
    let z = state
    z = Math.imul(z ^ z >>> 16, 0x21f0aaad)
    z = Math.imul(z ^ z >>> 15, 0x735a2d97)
    return ((z ^ z >>> 15) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(of: readonly T[], next: () => number): T => of[Math.floor(next() * of.length)]!

/** A recipe of any kind that the model can do, with few steps. `image`: a PNG file of the models' size. */
export function anyRecipe(facts: readonly ModelFacts[], image: string, next: () => number): Recipe {
  for (;;) {
    const model = pick(facts, next)
    const recipe = proposal(model, image, next)
    try {
      prepare(recipe, model)
      return recipe
    } catch (error) {
      if (!(error instanceof DpmError)) throw error // a rule that these choices break together
    }
  }
}

function proposal(model: ModelFacts, image: string, next: () => number): Recipe {
  const algorithm = pick(Object.keys(algorithms) as Algorithm[], next)
  const { orders, methods, variants } = algorithms[algorithm]
  const task = model.kind === 'analytic' || next() < 0.8 ? 'sample' : pick(['noise', 'encode', 'reconstruct'] as const, next)
  return complete({
    model: { path: model.path },
    solver: { algorithm, order: pick(orders, next), method: pick(methods, next), variant: pick(variants, next), steps: 3 + Math.floor(10 * next()), ...(next() < 0.1 && model.kind !== 'analytic' ? { thresholding: true } : {}) },
    schedule: { spacing: pick(['logSNR', 'timeUniform', 'timeQuadratic', 'karras'] as const, next) },
    noise: { seed: Math.floor(2 ** 31 * next()), batch: 1 + Math.floor(8 * next()) },
    conditioning: { classLabel: model.classes && next() < 0.7 ? Math.floor(model.classes.count * next()) : 'none' },
    guidance: { scale: model.classes && next() < 0.3 ? 2 : 1 },
    ...(task === 'sample' ? {} : { input: { task, image } }),
  })
}
