import type { Compared, Refused } from './compare'
import type { Endured } from './endure'

/** Largest difference of ε̂, which has variance 1: what float32 leaves, and what half precision and TensorFloat-32 leave. Beyond that it is wrong. */
const float32 = 1e-4
const halfPrecision = 3e-2
/** Largest difference of an image, whose values are about 1: half precision adds up over its steps. */
const sameImage = 0.5

/** What is to be thought of a provider, in words; `wrong` where it opens and then computes wrongly or does not carry its runs out. */
export function judge(compared: readonly Pick<Compared, 'noise' | 'image'>[], refused: readonly Pick<Refused, 'opened' | 'error'>[], endured: Pick<Endured, 'image' | 'imageAfter' | 'error'> | undefined): { wrong: boolean; words: string } {
  const failure = refused.find(({ opened }) => opened)?.error ?? endured?.error
  if (failure !== undefined) return { wrong: true, words: `it opens, and then: ${failure}` }
  if (compared.length === 0) return { wrong: false, words: 'does not open here' }
  const noise = Math.max(...compared.map((one) => one.noise)) // of which one that is not a number makes the whole
  const image = Math.max(...compared.map((one) => one.image), ...(endured ? [endured.image, endured.imageAfter] : []))
  if (!(noise <= halfPrecision)) return { wrong: true, words: `its ε̂ differs from the CPU's by ${noise.toExponential(1)}` }
  if (!(image <= sameImage)) return { wrong: true, words: `its image differs from the CPU's by ${image.toExponential(1)}` }
  return { wrong: false, words: noise <= float32 ? 'right, to what float32 keeps' : 'right, to what half precision keeps' }
}
