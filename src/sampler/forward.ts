import { combine } from './combine'
import { clockTime } from './random/clock'
import type { NoiseSource } from './random/source'
import type { Row } from './sample'
import { noiseFree } from './schedule/level'
import type { Clock, FloatArray, Level, NoiseSchedule, Plan, Step } from './types'

/** q(x_t | x₀) = N(α x₀, σ² I): the image as it is at a level, with the given unit noise. `out` may be one of the two. */
export function noised(x0: FloatArray, noise: FloatArray, { alpha, sigma }: Level, out: FloatArray): FloatArray {
  combine(out, [alpha, sigma], [x0, noise])
  return out
}

/**
 * How an image becomes noise. `direct`: q(x_t | x₀) at every level with one noise, so that a picture fades into the x_T it belongs to. `chain`: the Markov chain of DDPM
 * (Ho et al. 2020, arXiv 2006.11239, eq. 2), every row from the one before, x_t = (α_t/α_s) x_s + √(σ_t² − (α_t/α_s)² σ_s²) z, exact for steps of any width.
 * `sde`: the forward SDE dx = f x dt + g dw by Euler–Maruyama (Song et al. 2021, arXiv 2011.13456, eq. 5), its first row by q(x_t | x₀).
 */
export type ForwardWay = 'direct' | 'chain' | 'sde'

export interface ForwardRequest {
  way: ForwardWay
  /** B·C·H·W; not changed. The whole run computes in its kind of numbers. */
  x0: FloatArray
  /** Towards the noise, the clean image not among them. */
  levels: readonly Level[]
  /** Of `sde`: its slopes. */
  schedule: NoiseSchedule
  noise: NoiseSource
}

/** Where the levels of a forward run lie: `count` of them, equally spaced in t, up to T; of a discrete schedule whole training steps, all of them where `count` is their number. */
export function forwardLevels(schedule: NoiseSchedule, count: number): Level[] {
  const { T, knots } = schedule
  return Array.from({ length: count }, (_, i) => {
    const t = T * (i + 1) / count
    return schedule.level(knots === undefined || i === count - 1 ? t : Math.max(1, Math.round(t * knots)) / knots)
  })
}

/** A forward run as tables of coefficients, to be shown and recorded: no step evaluates anything. `direct` has one noise throughout, draw 0. */
export function forwardPlan(way: ForwardWay, levels: readonly Level[], schedule: NoiseSchedule): Plan {
  const all = [noiseFree, ...levels]
  const steps = levels.map((to, index): Step => {
    const from = all[index]!
    const { state, deviation, clock } = way === 'direct' ? faded(from, to) : stepOf(way, index, schedule, from, to)
    const of = way === 'direct' ? { draw: 0 } : { brownian: [from, to] as [Level, Level], clock }
    return { from, to, order: 0, stages: [], update: [{ of: 'state', coefficient: state }, { of, coefficient: deviation }], remember: [], estimate: -1 }
  })
  return { form: 'data', levels: all, steps, evaluations: 0, notes: [] }
}

/** From q(x_s | x₀) to q(x_t | x₀) with the same noise. */
const faded = (s: Level, t: Level): Transition => ({ state: t.alpha / s.alpha, deviation: t.sigma - t.alpha / s.alpha * s.sigma, clock: -1 })

/** A step of the chain or of the SDE, whose first one is the chain's. */
const stepOf = (way: ForwardWay, index: number, schedule: NoiseSchedule, from: Level, to: Level): Transition => (
  way === 'sde' && index > 0 ? eulerStep(schedule, from, to) : transition(from, to)
)

/**
 * The rows of a forward run: row 0 is the image, row i is at levels[i − 1]; x̂₀ is the image itself all along, and nothing is evaluated. `x` is the run's own buffer.
 * `chain` and `sde` walk a Brownian path of the noise source, so that other levels refine the same path: in σ²/α² the chain passes the same states whatever its steps.
 */
export function* forward({ way, x0, levels, schedule, noise }: ForwardRequest): Generator<Row, void, undefined> {
  const x = x0.slice()
  const z = x0.slice()
  const row = (index: number, level: Level): Row => ({ row: index, level, order: 0, evaluations: 0, estimateFrom: index, x, x0 })
  yield row(0, noiseFree)
  if (way === 'direct') fill(noise, z, (out, item) => { noise.draw(out, 0, item) })
  let from = noiseFree
  for (const [index, to] of levels.entries()) {
    if (way === 'direct') {
      noised(x0, z, to, x)
    } else {
      const { state, deviation, clock } = stepOf(way, index, schedule, from, to)
      fill(noise, z, (out, item) => { noise.increment(out, clockTime(from, clock), clockTime(to, clock), index + 1, item) })
      combine(x, [state, deviation], [x, z])
    }
    from = to
    yield row(index + 1, to)
  }
}

interface Transition { state: number; deviation: number; clock: Clock }

/** q(x_t | x_s). The path runs in σ²/α² = e^(−2λ), where x_t/α_t − x₀ is Brownian motion. */
export function transition(s: Level, t: Level): Transition {
  const state = t.alpha / s.alpha
  // σ_t² (1 − e^(2 (λ_t − λ_s))) without cancellation; where there is no signal left, all is noise.
  return { state, deviation: t.sigma * Math.sqrt(-Math.expm1(2 * (t.lambda - s.lambda))), clock: -1 }
}

function eulerStep(schedule: NoiseSchedule, s: Level, t: Level): Transition {
  const slope = schedule.slope(s.t)
  const dt = t.t - s.t
  return { state: 1 + slope.logAlpha * dt, deviation: s.sigma * Math.sqrt(-2 * slope.lambda * dt), clock: 't' }
}

function fill(noise: NoiseSource, z: FloatArray, one: (out: FloatArray, item: number) => void): void {
  const size = z.length / noise.items
  for (let item = 0; item < noise.items; item++) one(z.subarray(item * size, (item + 1) * size), item)
}
