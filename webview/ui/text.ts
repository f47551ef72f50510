import type { Recipe } from '../../src/recipe/recipe'
import { t } from '../../src/sampler/text'
import type { ScheduleSpec } from '../../src/sampler/types'

/** A number with a fixed count of decimals, a true minus sign and, where `signed`, a plus; ±∞ and NaN as such. */
export function fixed(value: number, digits: number, signed = false): string {
  const sign = value < 0 ? '−' : signed && value > 0 ? '+' : ''
  if (Number.isNaN(value)) return 'NaN'
  const size = Math.abs(value)
  if (size === Infinity) return `${value < 0 ? '−' : '+'}∞`
  const text = size >= 1e6 ? size.toExponential(2) : size.toFixed(digits)
  return Number(text) === 0 ? text : sign + text
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${fixed(ms, 1)} ms` : ms < 10_000 ? `${fixed(ms, 0)} ms` : seconds(ms)
}

export function seconds(ms: number): string {
  return `${fixed(ms / 1000, ms < 10_000 ? 2 : 1)} s`
}

export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${fixed(bytes / 1e3, 0)} kB` : `${fixed(bytes / 1e6, bytes < 1e8 ? 1 : 0)} MB`
}

/** As a sentence begins; a symbol, which a single letter and one that is not Latin is, stays as it is. */
export const capital = (text: string): string => /^[a-z]\w/.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text

/** The last part of a path, of whichever system. */
export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path

export const methods: Record<Recipe['solver']['method'], string> = { multistep: t('multistep'), singlestep: t('singlestep'), singlestepFixed: t('singlestep, fixed order'), adaptive: t('adaptive') }
export const variants: Record<Recipe['solver']['variant'], string> = { midpoint: t('midpoint'), taylor: 'Taylor' }
export const splits: Record<Recipe['solver']['orderSplit'], string> = { authors: t('authors’ code'), greedy: t('third order first') }
export const ends: Record<Recipe['solver']['finalSigma'], string> = { zero: t('zero'), sigmaMin: t('σ at t_end'), denoise: t('zero, +1 NFE') }
export const predictions: Record<Recipe['model']['predictionType'], string> = { auto: t('auto'), epsilon: 'ε', sample: 'x₀', v_prediction: 'v', score: t('score'), flow: t('flow') }
export const forms: Record<Recipe['solver']['thresholdingForm'], string> = { authors: t('authors’ code'), diffusers: 'diffusers', clip: t('plain clip') }
export const generators: Record<Recipe['noise']['generator'], string> = { 'philox4x32-10/v1': 'Philox', 'torch-cpu': 'PyTorch, CPU', 'torch-cuda': 'PyTorch, CUDA' }
export const tasks: Record<Recipe['input']['task'], string> = { sample: t('sample'), noise: t('noise an image'), encode: t('encode'), reconstruct: t('encode, decode') }
export const spacings: Record<Recipe['schedule']['spacing'], string> = { logSNR: t('log-SNR uniform'), timeUniform: t('time uniform'), timeQuadratic: t('time quadratic'),
  timePower: t('time power'), karras: 'Karras', exponential: t('exponential'), polyexponential: t('polyexponential'), beta: t('beta'), leading: t('leading'), trailing: t('trailing'), linspace: 'linspace',
  ays: 'Align Your Steps', custom: t('custom'), tuned: t('tuned table') }
export const noises: Record<Recipe['schedule']['noise'], string> = {
  model: t('model’s'), linear: t('linear'), scaledLinear: t('scaled linear'), squaredcosCapV2: t('squared cosine'), betas: t('the betas given'), vpLinear: t('VP linear'), vpCosine: t('VP cosine'), edm: 'EDM', flow: t('flow matching'),
}

/** A schedule in a word or two, for the list entry of the model's own. */
export function scheduleWord(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'vpLinear': return noises.vpLinear
    case 'vpCosine': return noises.vpCosine
    case 'discrete': return Array.isArray(spec.betas) ? t('its betas') : { linear: t('linear'), scaled_linear: t('scaled linear'), squaredcos_cap_v2: t('cosine') }[spec.betas]
    case 'edm': return 'EDM'
    case 'flow': return t('flow matching')
  }
}
