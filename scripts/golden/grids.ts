import { alignYourSteps } from '../../src/sampler/alignYourSteps'
import type { Compared } from './compare'
import { configOf, tableOf } from './diffusersConfig'
import { askedOf, gridOf } from './diffusersGrid'
import { data, number, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'

/** diffusers' betas, time steps, σ, and order lists. */
export function grid(golden: Data): Compared[] | Unsupported {
  const kind = text(golden, 'kind')
  if (kind === 'grid') return places(golden)
  if (kind.startsWith('betas')) return betas(golden, kind.includes('rescale'))
  if (kind === 'AYS') return alignedSteps(data(golden, 'tables'))
  return { unsupported: kind }
}

/** diffusers' tables of Align Your Steps: σ with a 0 in place of the lowest, and the time steps that its own pipelines take. */
const tables: Readonly<Record<string, readonly number[]>> = {
  StableDiffusionSigmas: [...alignYourSteps.sd15.slice(0, -1), 0], StableDiffusionXLSigmas: [...alignYourSteps.sdxl.slice(0, -1), 0], StableDiffusionVideoSigmas: [...alignYourSteps.svd.slice(0, -1), 0],
  StableDiffusionTimesteps: [999, 850, 736, 645, 545, 455, 343, 233, 124, 24], StableDiffusionXLTimesteps: [999, 845, 730, 587, 443, 310, 193, 116, 53, 13],
}

function alignedSteps(golden: Data): Compared[] | Unsupported {
  const unknown = Object.keys(golden).find((name) => !Object.hasOwn(tables, name))
  if (unknown !== undefined) return { unsupported: unknown }
  return Object.keys(golden).map((name) => ({ what: name, got: tables[name]!, expected: numbers(golden, name) }))
}

function places(golden: Data): Compared[] | Unsupported {
  const scheduler = text(golden, 'scheduler')
  const config = configOf(scheduler, data(golden, 'config'))
  const placed = config && gridOf(scheduler, config, askedOf(golden))
  if (!placed) return { unsupported: scheduler }
  return [
    { what: 'timesteps', got: placed.timesteps, expected: numbers(golden, 'timesteps') },
    ...('sigmas' in golden ? [{ what: 'sigmas', got: placed.sigmas ?? [], expected: numbers(golden, 'sigmas') }] : []),
    ...('init_noise_sigma' in golden ? [{ what: 'init_noise_sigma', got: [placed.initNoiseSigma], expected: [number(golden, 'init_noise_sigma')] }] : []),
    ...('order_list' in golden ? [{ what: 'order_list', got: placed.orders ?? [], expected: numbers(golden, 'order_list'), exact: true }] : []),
  ]
}

function betas(golden: Data, rescale: boolean): Compared[] {
  const table = tableOf({ ...configOf('DPMSolverMultistepScheduler', data(golden, 'config')), rescale_betas_zero_snr: rescale })
  const at = (values: readonly number[]): number[] => numbers(golden, 'index').map((i) => values[i] ?? NaN)
  return [
    { what: 'beta', got: at(table.betas), expected: numbers(golden, 'beta') },
    { what: 'alphas_cumprod', got: at(table.alphasCumprod), expected: numbers(golden, 'alphas_cumprod') },
    ...('sigma_ratio' in golden ? [{ what: 'sigma_ratio', got: at(table.sigmas), expected: numbers(golden, 'sigma_ratio') }] : []),
  ]
}
