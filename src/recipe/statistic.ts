import type { NoiseStatistic } from '../sampler/methods/analyticDpm'

/** The file beside a model that holds its statistic for Analytic-DPM, as JSON: NoiseStatistic. */
export const statisticFile = 'noise_statistic.json'

/** The text of such a file. Monte Carlo gives no more than six digits. */
export function statisticText({ lambda, meanSquare }: NoiseStatistic): string {
  const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toPrecision(6)))
  return `${JSON.stringify({ lambda: rounded(lambda), meanSquare: rounded(meanSquare) })}\n`
}
