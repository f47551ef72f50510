import { t } from './text'

/**
 * Behaviour of other programs that is not what the mathematics asks for, kept to reproduce their pictures: `solver.options.compat` names one of them.
 * `measured` says what it costs, on Gaussian data with a known solution (`npm run orders` measures it anew).
 */
export const quirks = {
  peers3M: {
    of: t('diffusers, k-diffusion and the DPM-Solver authors’ code: multistep of order 3'),
    what: 'The second difference lacks a factor 2 against its own weight φ3, and the first two steps are of orders 1 and 2.',
    measured: 'Order 2.0 instead of 3; at 96 evaluations the error is 130 times (noise form) and 13 times (data form) as large.',
  },
  varyCoeff: {
    of: t('the UniPC authors’ code: variant vary_coeff'),
    what: 'The corrector weighs its newest residual with a coefficient left over from the predictor’s loop.',
    measured: 'Order 1.0 instead of p + 1.',
  },
  peersSde3: {
    of: t('diffusers: sde-dpmsolver++ of order 3, multistep and singlestep “heun”'),
    what: 'As peers3M, and the ½ in the weight of the second difference has the wrong sign.',
    measured: 'In the limit of no noise order 1.0 instead of 3, an error above that of order 1, and unstable at 384 steps.',
  },
} as const satisfies Readonly<Record<string, Quirk>>

export interface Quirk { of: string; what: string; measured: string }
export type QuirkName = keyof typeof quirks
