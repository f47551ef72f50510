import type { Cell } from './cells'
import { frechet, moments, type Moments } from './frechet'
import { nfeAt, recordSize, rightAt, rmsAt } from './judge'
import { featureSize } from './lab'

/** What is told of a cell. */
export interface Figures {
  method: string
  spacing: Cell['spacing']
  guidance: number
  nfe: number
  /** What an image really took. */
  meanNfe: number
  frechet: number
  /** Share of samples that the classifier takes for the class asked for. */
  accuracy: number
  /** Root mean square distance to the exact solution over all samples, pixels clipped to [−1, 1]; null for methods that follow another equation. */
  rms: number | null
  /** The mean of the samples' own distances: less, since few samples are far off. */
  meanRms: number | null
  /** The same of the first samples each, by which a run of a few samples can be checked. */
  firstRms: number[] | null
}

/** How many samples `firstRms` tells of. */
export const firstSamples = 20

/** @param records of all samples, one after the other */
export function figuresOf({ method, spacing, guidance, nfe }: Cell, records: Float32Array, reference: Moments): Figures {
  const samples = records.length / recordSize
  const column = (at: number): number[] => Array.from({ length: samples }, (_, k) => records[k * recordSize + at]!)
  const features = Float64Array.from({ length: samples * featureSize }, (_, i) => records[Math.floor(i / featureSize) * recordSize + i % featureSize]!)
  const distances = column(rmsAt)
  const known = !Number.isNaN(distances[0])
  return {
    method, spacing, guidance, nfe, meanNfe: round(mean(column(nfeAt)), 4), frechet: round(frechet(moments(features, featureSize), reference), 4), accuracy: round(mean(column(rightAt)), 4),
    rms: known ? round(Math.sqrt(mean(distances.map((value) => value * value))), 4) : null, meanRms: known ? round(mean(distances), 4) : null,
    firstRms: known ? distances.slice(0, firstSamples).map((value) => round(value, 5)) : null,
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const round = (value: number, digits: number): number => Number(value.toPrecision(digits))
