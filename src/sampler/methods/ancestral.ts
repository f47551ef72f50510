import type { Level, Method, MethodContext, MethodOptions, Step, Term } from '../types'
import { numberOf, ofPath, ofStage, ofState } from './terms'

/** A step to less noise than the level asks for, and the noise that makes up for it, both in units of σ/α. */
interface Split { down: number; up: number }

/**
 * How ancestral methods divide a step from s to t: `up`² = η² σ̃_t² (1 − e^(−2h)), at most σ̃_t², is new noise and `down`² the rest of σ̃_t² (σ̃ = σ/α; k-diffusion's
 * get_ancestral_step). η = 1 renews as much as DDPM and as the reverse SDE's exact solution.
 */
export function ancestralSplit(s: Level, t: Level, eta: number): Split {
  const to = t.sigma / t.alpha
  const up = eta === 0 ? 0 : Math.min(to, eta * to * Math.sqrt(-Math.expm1(2 * (s.lambda - t.lambda))))
  return { down: Math.sqrt(to * to - up * up), up }
}

/** Terms in y = x/α. From y_s, with slopes (y − x̂₀)/σ̃, to σ̃ = `to` by Euler's method: (to/σ̃_s) y + (1 − to/σ̃_s) x̂₀. */
const ratio = (s: Level, to: number): number => to * s.alpha / s.sigma

const etaOf = (options: MethodOptions): number => numberOf(options, 'eta') ?? 1
const stepOf = ({ from, to }: MethodContext, order: number, stages: Step['stages'], update: Term[]): Step => ({ from, to, order, stages, update, remember: [], estimate: 0 })
const first = (at: MethodContext): Step['stages'][number] => ({ level: at.from, input: [ofState(1)] })

/** The noise `up` on the way from s to t, brought to t's own scale. */
const renew = (s: Level, t: Level, up: number, options: MethodOptions): Term[] => ofPath(s, t, t.alpha * up * (numberOf(options, 'sNoise') ?? 1))

/** Terms of y at σ̃ `to` from y_s and one output, in the scale of a level with the given α. */
function toward(s: Level, to: number, alpha: number, output: number): Term[] {
  const r = ratio(s, to)
  return [ofState(alpha / s.alpha * r), ofStage(output, alpha * (1 - r))]
}

/** From y_s along one slope to σ̃ `to`, in the scale of a level with the given α: y + (to − σ̃_s) ε. */
const along: typeof toward = (s, to, alpha, output) => [ofState(alpha / s.alpha), ofStage(output, alpha * (to - s.sigma / s.alpha))]

/** A level that has a given σ̃ = e^(−λ). */
const levelAt = (at: MethodContext, sigma: number): Level => at.inner?.[0] ?? at.levelAtLambda(-Math.log(sigma))

/** One output takes the state to `down`; then noise. */
const oneStage = (terms: typeof toward): Method => (at, options) => {
  const { from, to } = at
  const { down, up } = ancestralSplit(from, to, etaOf(options))
  return stepOf(at, 1, [first(at)], [...terms(from, down, to.alpha, 0), ...renew(from, to, up, options)])
}

/** The output at the geometric mean of σ̃_s and `down` takes the state there, all the way; then noise. One evaluation where the step goes down to 0. */
const twoStages = (terms: typeof toward): Method => (at, options) => {
  const { from, to } = at
  const { down, up } = ancestralSplit(from, to, etaOf(options))
  if (down === 0) return oneStage(terms)(at, options)
  const middle = Math.sqrt(from.sigma / from.alpha * down)
  const level = levelAt(at, middle)
  return stepOf(at, 2, [first(at), { level, input: terms(from, middle, level.alpha, 0) }], [...terms(from, down, to.alpha, 1), ...renew(from, to, up, options)])
}

/** Euler's method to `down`, then noise (k-diffusion's sample_euler_ancestral); data form. `eta` (1), `sNoise` (1). */
export const eulerAncestral: Method = oneStage(toward)

/** As eulerAncestral, noise form. */
export const eulerAncestralSlope: Method = oneStage(along)

/** The slope in the middle, then noise (k-diffusion's sample_dpm_2_ancestral); noise form. One evaluation where the step goes down to 0. `eta` (1), `sNoise` (1). */
export const dpm2Ancestral: Method = twoStages(along)

/** DPM-Solver++ (2S) to `down`, then noise (k-diffusion's sample_dpmpp_2s_ancestral): x̂₀ of the middle, exponential steps. As dpm2Ancestral, but data form. */
export const dpmpp2sAncestral: Method = twoStages(toward)

/**
 * DPM-Solver++ (SDE) (k-diffusion's sample_dpmpp_sde): an ancestral step to the share `r` (1/2) of the way in λ, one evaluation there, and an ancestral step over the
 * whole way with (1 − 1/(2r)) x̂₀ + 1/(2r) x̂₀(y₂). Both noises belong to one path. `eta` (1), `sNoise` (1).
 */
export function dpmppSde(at: MethodContext, options: MethodOptions): Step {
  const { from, to } = at
  const eta = etaOf(options)
  if (to.sigma === 0) return eulerAncestral(at, options)
  const r = numberOf(options, 'r') ?? 1 / 2
  const level = at.inner?.[0] ?? at.levelAtLambda(from.lambda + r * (to.lambda - from.lambda))
  const half = ancestralSplit(from, level, eta)
  const whole = ancestralSplit(from, to, eta)
  const share = 1 / (2 * r)
  const [state, data] = toward(from, whole.down, to.alpha, 0)
  const outputs = [ofStage(0, (1 - share) * data!.coefficient), ofStage(1, share * data!.coefficient)].filter(({ coefficient }) => coefficient !== 0)
  return stepOf(at, 2, [first(at), { level, input: [...toward(from, half.down, level.alpha, 0), ...renew(from, level, half.up, options)] }],
    [state!, ...outputs, ...renew(from, to, whole.up, options)])
}
