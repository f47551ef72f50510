import type { Cell } from './cells'
import { classOf, featureSize, type Lab } from './lab'

/** What is kept of a sample: its features, then whether it shows its class (0, 1), its distance to the exact solution (NaN where there is none to compare with), and its evaluations. */
export const recordSize = featureSize + 3
export const [rightAt, rmsAt, nfeAt] = [featureSize, featureSize + 1, featureSize + 2]

export interface Judged { records: Float32Array; images: Float32Array }

/**
 * Draws samples first … first + count − 1 of a cell and judges each.
 * @param exact the exact solutions for these samples
 */
export async function judge(lab: Lab, cell: Cell, first: number, count: number, exact?: Float32Array): Promise<Judged> {
  const { images, nfe } = await lab.draw(cell, first, count)
  const { features, classes } = await lab.look(images)
  const size = images.length / count
  const records = new Float32Array(count * recordSize)
  for (let k = 0; k < count; k++) {
    const record = records.subarray(k * recordSize, (k + 1) * recordSize)
    record.set(features.subarray(k * featureSize, (k + 1) * featureSize))
    record[rightAt] = classes[k] === classOf(first + k) ? 1 : 0
    record[rmsAt] = exact && cell.deterministic ? distance(images.subarray(k * size, (k + 1) * size), exact.subarray(k * size, (k + 1) * size)) : NaN
    record[nfeAt] = nfe[k]!
  }
  return { records, images }
}

const clip = (value: number): number => Math.min(Math.max(value, -1), 1)

/** Root mean square over the pixels as they are shown: clipped to [−1, 1], as the features see them. */
function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (clip(a[i]!) - clip(b[i]!)) ** 2
  return Math.sqrt(sum / a.length)
}
