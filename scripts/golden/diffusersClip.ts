import type { SampleRequest } from '../../src/sampler/sample'
import { clip, threshold } from '../../src/sampler/thresholding'
import type { Config } from './diffusersConfig'

/** What a configuration does to every x̂₀; undefined where that is nothing. */
export function correctionOf(config: Config, items: number): SampleRequest['correctEstimate'] {
  if (config['thresholding'] === true) {
    const thresholding = { ratio: Number(config['dynamic_thresholding_ratio']), max: Number(config['sample_max_value']), form: 'diffusers' as const }
    return (x0) => { threshold(x0, items, thresholding) }
  }
  return config['clip_sample'] === true ? (x0) => { clip(x0, Number(config['clip_sample_range'])) } : undefined
}
