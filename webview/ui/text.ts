import type { Recipe } from '../../src/recipe/recipe'
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

export const methods: Record<Recipe['solver']['method'], string> = { multistep: 'multistep', singlestep: 'singlestep', singlestepFixed: 'singlestep, fixed order', adaptive: 'adaptive' }
export const variants: Record<Recipe['solver']['variant'], string> = { midpoint: 'midpoint', taylor: 'Taylor' }
export const splits: Record<Recipe['solver']['orderSplit'], string> = { authors: 'authors’ code', greedy: 'third order first' }
export const ends: Record<Recipe['solver']['finalSigma'], string> = { zero: 'zero', sigmaMin: 'σ at t_end', denoise: 'zero, +1 NFE' }
export const predictions: Record<Recipe['model']['predictionType'], string> = { auto: 'auto', epsilon: 'ε', sample: 'x₀', v_prediction: 'v', score: 'score', flow: 'flow' }
export const forms: Record<Recipe['solver']['thresholdingForm'], string> = { authors: 'authors’ code', diffusers: 'diffusers', clip: 'plain clip' }
export const generators: Record<Recipe['noise']['generator'], string> = { 'philox4x32-10/v1': 'Philox', 'torch-cpu': 'PyTorch, CPU', 'torch-cuda': 'PyTorch, CUDA' }
export const tasks: Record<Recipe['input']['task'], string> = { sample: 'sample', noise: 'noise an image', encode: 'encode', reconstruct: 'encode, decode' }
export const ways: Record<Recipe['input']['way'], string> = { direct: 'direct', chain: 'chain', sde: 'SDE' }
export const spacings: Record<Recipe['schedule']['spacing'], string> = { logSNR: 'log-SNR uniform', timeUniform: 'time uniform', timeQuadratic: 'time quadratic',
  timePower: 'time power', karras: 'Karras', exponential: 'exponential', polyexponential: 'polyexponential', beta: 'beta', leading: 'leading', trailing: 'trailing', linspace: 'linspace',
  ays: 'Align Your Steps', custom: 'custom', tuned: 'tuned table' }
export const noises: Record<Recipe['schedule']['noise'], string> = {
  model: 'model’s', linear: 'linear', scaledLinear: 'scaled linear', squaredcosCapV2: 'squared cosine', betas: 'the betas given', vpLinear: 'VP linear', vpCosine: 'VP cosine', edm: 'EDM', flow: 'flow matching',
}

/** A schedule in a word or two, for the list entry of the model's own. */
export function scheduleWord(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'vpLinear': return noises.vpLinear
    case 'vpCosine': return noises.vpCosine
    case 'discrete': return Array.isArray(spec.betas) ? 'its betas' : { linear: 'linear', scaled_linear: 'scaled linear', squaredcos_cap_v2: 'cosine' }[spec.betas]
    case 'edm': return 'EDM'
    case 'flow': return 'flow matching'
  }
}
