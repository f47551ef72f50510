/** What can be shown of a row: the state x_t, the estimate x̂₀, the noise ε̂ = (x_t − α x̂₀) / σ that the network saw in it, and Δ, how x̂₀ changed since the row before. */
export const tensors = ['x', 'x0', 'eps', 'delta'] as const
export type Tensor = typeof tensors[number]
/** Those that are not recorded but follow from what is. */
export type DerivedTensor = 'eps' | 'delta'
export const isDerived = (value: unknown): value is DerivedTensor => value === 'eps' || value === 'delta'

/** One pixel of one batch item, all its channels. */
export interface PixelPlace { item: number; y: number; x: number }
/** True for one and the same pixel, and where there is none on both sides. */
export const samePlace = (a: PixelPlace | null, b: PixelPlace | null): boolean => a === b || (a !== null && b !== null && a.item === b.item && a.y === b.y && a.x === b.x)
/** A rectangle of pixels of one batch item; `bottom` and `right` are the first beyond it. */
export interface Region { item: number; top: number; left: number; bottom: number; right: number }

/** What the page wants to know of the run it shows; the host reads the recording. */
export type Question =
  | { of: 'pictures'; row: number; tensors: DerivedTensor[] }
  | { of: 'pixel'; row: number; place: PixelPlace }
  | { of: 'region'; row: number; region: Region }
  /** The pixel in every row from `from` on. */
  | { of: 'course'; from: number; place: PixelPlace }
  /** How much each row from `from` on changed x̂₀. */
  | { of: 'changes'; from: number }
  | { of: 'spectrum'; row: number; item: number }

/**
 * A derived tensor as one contact sheet, laid out as x and x̂₀ are; colours from −scale to scale, which 99.5 % of |v| do not exceed: of one channel blue over grey to amber, of
 * three red, green and blue around mid grey.
 */
export interface DerivedPicture { tensor: DerivedTensor; rgba: Uint8Array; scale: number }
export interface RegionStatistics { mean: number; std: number; min: number; max: number }

/**
 * Where a tensor is not defined at a row (ε̂ where σ = 0 or where x̂₀ is of an earlier row, Δ in row 0) its entry is absent. In an adaptive run each item is taken
 * at its own level, and Δ is how it changed when it was last new; items without it are transparent in pictures.
 */
export type Answer =
  | { of: 'pictures'; width: number; height: number; pictures: DerivedPicture[] }
  /** A value for each channel, in the units of the data, [−1, 1]. */
  | { of: 'pixel'; values: Partial<Record<Tensor, number[]>> }
  /** One for each channel. */
  | { of: 'region'; values: Partial<Record<Tensor, RegionStatistics[]>> }
  /** [rows, C] row-major, rows from `from` on; in a row that could not be read NaN. */
  | { of: 'course'; from: number; channels: number; x: Float32Array; x0: Float32Array }
  /** √(mean over the batch, in an adaptive run over the items that are new in the row, of (x̂₀(i) − x̂₀(i−1))²), rows from `from` on; NaN in row 0 and where it could not be read. */
  | { of: 'changes'; from: number; values: Float32Array }
  /** Mean power |F|²/(H·W) of the spatial frequencies in rings 1 … N/2, mean over channels, each less its mean; `frequency` in cycles per longest side N. White noise of variance s² has s² in every ring. */
  | { of: 'spectrum'; frequency: Float32Array; x: Float32Array; x0: Float32Array }
