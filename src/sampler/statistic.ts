import { noised } from './forward'
import type { NoiseStatistic } from './methods/analyticDpm'
import { conversion } from './prediction'
import type { NoiseSource } from './random/source'
import type { Evaluate } from './sample'
import { startLevel } from './schedule/schedule'
import type { FloatArray, Level, NoiseSchedule, PredictionType } from './types'

export interface StatisticRequest {
  /** Images of the network's own kind, one after the other; batches need not have as many each. */
  batches: readonly FloatArray[]
  /** Values of an image; absent: of as many images in a batch as the noise has items. */
  size?: number
  /** Where it is wanted; each costs one evaluation for every batch. */
  levels: readonly Level[]
  label: (level: Level) => number
  prediction: PredictionType
  /** @param batch which of the batches it is, from 0 on */
  evaluate: (...asked: [...Parameters<Evaluate>, batch: number]) => ReturnType<Evaluate>
  /** Draw d is the noise of the d-th evaluation; of as many items as the largest batch has. */
  noise: NoiseSource
}

/** Levels for a statistic: `count` of them, equally spaced in λ from the noisiest with any signal to the end; whole training steps, each once, where `snapped` (of a discrete schedule). */
export function statisticLevels(schedule: NoiseSchedule, count: number, snapped = false): Level[] {
  const from = startLevel(schedule, 'noise')
  const to = schedule.level(schedule.tEnd)
  const levels = Array.from({ length: count }, (_, i) => i === 0 ? from : i === count - 1 ? to : schedule.levelAtLambda(from.lambda + (to.lambda - from.lambda) * i / (count - 1)))
  const { knots } = schedule
  if (!snapped || knots === undefined) return levels
  return [...new Set(levels.map(({ t }) => Math.max(1, Math.round(t * knots))))].map((knot) => schedule.level(knot / knots))
}

/**
 * E|ε̂|²/D of a network at some levels, over noised images: Γ of Analytic-DPM times σ² (Bao et al. 2022, arXiv 2201.06503, eq. 8), by Monte Carlo. It is at most 1 for a
 * perfect network; estimates above are what they are.
 */
export async function estimateStatistic({ batches, size, levels, label, prediction, evaluate, noise }: StatisticRequest): Promise<NoiseStatistic> {
  const lambda: number[] = []
  const meanSquare: number[] = []
  let evaluation = 0
  for (const level of levels) {
    let sum = 0
    let count = 0
    for (const [batch, x0] of batches.entries()) {
      evaluation += 1
      const z = x0.slice()
      const each = size ?? z.length / noise.items
      for (let item = 0; item * each < z.length; item++) noise.draw(z.subarray(item * each, (item + 1) * each), evaluation, item)
      const x = noised(x0, z, level, z)
      const raw = await evaluate(x, { level, label: label(level), evaluation }, batch)
      const { state, output } = conversion(prediction, 'noise', level)
      for (let i = 0; i < x.length; i++) sum += (state * x[i]! + output * raw[i]!) ** 2
      count += x.length
    }
    lambda.push(level.lambda)
    meanSquare.push(sum / count)
  }
  return { lambda, meanSquare }
}
