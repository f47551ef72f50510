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
  return { unsupported: kind }
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
