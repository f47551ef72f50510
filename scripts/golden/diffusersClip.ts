import type { SampleRequest } from '../../src/sampler/sample'
import type { FloatArray } from '../../src/sampler/types'
import type { Config } from './diffusersConfig'

/** What a configuration does to every x̂₀; undefined where that is nothing. */
export function correctionOf(config: Config, items: number): SampleRequest['correctEstimate'] {
  const clamp = (x0: FloatArray, most: number): void => { for (let i = 0; i < x0.length; i++) x0[i] = Math.min(Math.max(x0[i]!, -most), most) }
  if (config['thresholding'] === true) {
    const [ratio, most] = [Number(config['dynamic_thresholding_ratio']), Number(config['sample_max_value'])]
    return (x0) => {
      const size = x0.length / items
      for (let item = 0; item < items; item++) {
        const one = x0.subarray(item * size, (item + 1) * size)
        const s = Math.min(Math.max(quantile(one.map(Math.abs).sort(), ratio), 1), most)
        clamp(one, s)
        for (let i = 0; i < size; i++) one[i]! /= s
      }
    }
  }
  return config['clip_sample'] === true ? (x0) => { clamp(x0, Number(config['clip_sample_range'])) } : undefined
}

/** A quantile of sorted values, linear between them. */
function quantile(sorted: FloatArray, share: number): number {
  const position = share * (sorted.length - 1)
  const i = Math.min(Math.floor(position), sorted.length - 2)
  return i < 0 ? sorted[0]! : sorted[i]! + (sorted[i + 1]! - sorted[i]!) * (position - i)
}
