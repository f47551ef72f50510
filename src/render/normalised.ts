import type { FloatArray, Level } from '../sampler/types'
import type { StateShape } from './pixels'

/** What nobody sees: a state this near to the scale of pictures is shown as it is, so that one with the last rest of noise has the grey levels of its values. */
const tolerance = 0.01

/**
 * A state as it is shown: each item divided by √(α² + σ²) of its level, the spread it has there for data of variance 1, so that the noise of an EDM run (σ up to 80) is grey and not
 * black and white. The state itself where that is 1, or within a hundredth of it.
 * @param levels one for each item, or one for all
 */
export function normalised(x: FloatArray, shape: StateShape, levels: readonly Pick<Level, 'alpha' | 'sigma'>[]): FloatArray {
  const scales = levels.map(({ alpha, sigma }) => Math.hypot(alpha, sigma))
  if (scales.every((scale) => Math.abs(scale - 1) < tolerance)) return x
  const out = x.slice()
  const size = x.length / shape[0]
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / (scales[Math.floor(i / size)] ?? scales[0]!)
  return out
}
