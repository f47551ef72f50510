import { gaussian, mixture, type AnalyticModel, type Component } from './analytic'

/** A data distribution with a closed form, as plain data: N(mean, diag(s²)), or a mixture of isotropic Gaussians. */
export type Distribution =
  | { kind: 'gaussian'; mean: readonly number[]; s: readonly number[] }
  | { kind: 'mixture'; components: readonly Component[] }

/** One Gaussian of a distribution: its weight, and mean and standard deviation along every axis. */
export interface Blob { weight: number; mean: readonly number[]; s: readonly number[] }

/** The Gaussians that a distribution is the sum of; the weights sum to 1 where the distribution's do. */
export function blobsOf(distribution: Distribution): Blob[] {
  if (distribution.kind === 'gaussian') return [{ weight: 1, mean: distribution.mean, s: distribution.s }]
  return distribution.components.map(({ weight, mean, s }) => ({ weight, mean, s: mean.map(() => s) }))
}

/** Its optimal denoiser. */
export function modelOf(distribution: Distribution): AnalyticModel {
  return distribution.kind === 'gaussian' ? gaussian(distribution.mean, distribution.s) : mixture(distribution.components)
}
