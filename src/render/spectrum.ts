import type { FloatArray } from '../sampler/types'
import { fourier, type Transform } from './fourier'

/** Ring r has the spatial frequencies from r − ½ to r + ½ cycles per longest side. */
export interface Spectra { frequency: Float32Array; x: Float32Array; x0: Float32Array }

/**
 * Radially averaged power of two pictures, |F|²/(H·W) of each channel less its mean: white noise of variance s² has s² in every ring. Rings 1 … N/2, N being the longest
 * side: up to the finest that the grid can hold, corners left out. The mean over channels. Yields after every few lines.
 * @param x, x0 [C, H, W]
 */
export function* spectra(x: FloatArray, x0: FloatArray, channels: number, height: number, width: number): Generator<void, Spectra> {
  const area = height * width
  const rings = Math.floor(Math.max(height, width) / 2)
  const sums = { x: new Float64Array(rings + 1), x0: new Float64Array(rings + 1) }
  const counts = new Float64Array(rings + 1)
  const [re, im] = [new Float64Array(area), new Float64Array(area)]
  const [alongRow, alongColumn] = [fourier(width), fourier(height)]
  for (let c = 0; c < channels; c++) {
    // Both at once, one real and one imaginary: what belongs to which shows in the symmetry.
    centred(re, x, c * area)
    centred(im, x0, c * area)
    yield* transformed(re, im, height, width, alongRow, alongColumn)
    for (let v = 0; v < height; v++) {
      const fy = Math.min(v, height - v) / height
      for (let u = 0; u < width; u++) {
        const ring = Math.round(Math.max(height, width) * Math.hypot(Math.min(u, width - u) / width, fy))
        if (ring < 1 || ring > rings) continue
        const k = v * width + u
        const opposite = (height - v) % height * width + (width - u) % width
        counts[ring]! += 1
        sums.x[ring]! += ((re[k]! + re[opposite]!) ** 2 + (im[k]! - im[opposite]!) ** 2) / 4
        sums.x0[ring]! += ((im[k]! + im[opposite]!) ** 2 + (re[k]! - re[opposite]!) ** 2) / 4
      }
      if (v % 16 === 15) yield
    }
  }
  const mean = (sum: Float64Array): Float32Array => Float32Array.from({ length: rings }, (_, r) => sum[r + 1]! / (counts[r + 1]! * area))
  return { frequency: Float32Array.from({ length: rings }, (_, r) => r + 1), x: mean(sums.x), x0: mean(sums.x0) }
}

function centred(into: Float64Array, values: FloatArray, first: number): void {
  let sum = 0
  for (let i = 0; i < into.length; i++) sum += values[first + i]!
  const mean = sum / into.length
  for (let i = 0; i < into.length; i++) into[i] = values[first + i]! - mean
}

/** In two dimensions: all rows, then all columns. */
function* transformed(re: Float64Array, im: Float64Array, height: number, width: number, alongRow: Transform, alongColumn: Transform): Generator<void, void> {
  for (let v = 0; v < height; v++) {
    alongRow(re.subarray(v * width, (v + 1) * width), im.subarray(v * width, (v + 1) * width))
    if (v % 16 === 15) yield
  }
  const [columnRe, columnIm] = [new Float64Array(height), new Float64Array(height)]
  for (let u = 0; u < width; u++) {
    for (let v = 0; v < height; v++) { columnRe[v] = re[v * width + u]!; columnIm[v] = im[v * width + u]! }
    alongColumn(columnRe, columnIm)
    for (let v = 0; v < height; v++) { re[v * width + u] = columnRe[v]!; im[v * width + u] = columnIm[v]! }
    if (u % 16 === 15) yield
  }
}
