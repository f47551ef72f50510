import { analyticDpm, type NoiseStatistic } from '../../src/sampler/methods/analyticDpm'
import { ddim, ddpm } from '../../src/sampler/methods/ddim'
import { ancestralChain, eulerMaruyama, reverseDiffusion } from '../../src/sampler/methods/eulerMaruyama'
import type { NoiseSource } from '../../src/sampler/random/source'
import { sample } from '../../src/sampler/sample'
import { discrete } from '../../src/sampler/schedule/discrete'
import { noiseFree } from '../../src/sampler/schedule/level'
import { vpLinear } from '../../src/sampler/schedule/vpLinear'
import type { FloatArray, Level, Method, MethodContext, MethodOptions, NoiseSchedule, Step, Term } from '../../src/sampler/types'
import { explicitNoise } from './explicitNoise'
import type { Compared } from './compare'
import { data, number, numbers, optionalNumber, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { modelOfCase, type GoldenModel } from './official'
import { roundHalfEven } from './torch'

/** Song's predictor–corrector sampler and Analytic-DPM's reverse chains. */
export async function reverseSde(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const fn = text(golden, 'peer_fn')
  if (fn === 'pc_sampler') return predictorCorrector(golden, header)
  const analytic = /^Analytic-DPM (ddpm|ddim)_(naive|naive_small|naive_large|ms_eps)$/.exec(fn)
  return analytic ? analyticDpmCase(golden, header, analytic[1]!, analytic[2]!) : { unsupported: fn }
}

const predictors: Readonly<Record<string, Method>> = { euler_maruyama: eulerMaruyama, reverse_diffusion: reverseDiffusion, ancestral_sampling: ancestralChain }

/** The peer's own grid: N times from 1 to 1e-3, every step 1/N wide all the same, so the last one ends beyond the grid. */
function gridOf(N: number): number[] {
  return Array.from({ length: N }, (_, i) => N === 1 ? 1 : 1 + (1e-3 - 1) * i / (N - 1))
}

async function predictorCorrector(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const [predictor, corrector] = [text(golden, 'predictor'), text(golden, 'corrector')]
  const method = predictors[predictor]
  if (!method) return { unsupported: predictor }
  if (corrector !== 'none' && corrector !== 'langevin') return { unsupported: corrector }
  const [N, betaMin, betaMax] = [number(golden, 'N'), number(golden, 'beta_min'), number(golden, 'beta_max')]
  const betaAt = (t: number): number => betaMin / N + (betaMax - betaMin) / N * Math.floor(t * (N - 1)) / (N - 1)
  const schedule = vpLinear(betaMin, betaMax)
  const { model, x } = modelOfCase(golden, header, schedule)
  const noise = explicitNoise(golden)
  const eta = golden['probability_flow'] === true ? 0 : 1
  const items = itemsOf(golden)
  const states: FloatArray[] = []
  let state: FloatArray = x
  let mean: FloatArray = x
  let draw = 0
  for (const t of gridOf(N)) {
    const from = schedule.level(t)
    if (corrector === 'langevin') state = await langevin(state, from, model, drawOf(noise, ++draw, x.length), number(golden, 'snr'), 1 - betaAt(t), items)
    const step = method(contextOf(from, { ...from, t: t - 1 / N }, schedule), { eta, beta: betaAt(t) })
    // The peer draws for every step, used or not.
    draw += 1
    mean = await run({ ...step, update: step.update.filter((term) => !isNoise(term)) }, state, model, noise)
    state = await run({ ...step, update: step.update.map((term) => isNoise(term) ? { ...term, of: { draw } } : term) }, state, model, noise)
    states.push(state)
  }
  return [
    { what: 'x', got: state, expected: numbers(golden, 'x') },
    { what: 'x_mean', got: mean, expected: numbers(golden, 'x_mean') },
    ...('states_sample0' in golden ? [{ what: 'states_sample0', got: states.flatMap((all) => [...all.subarray(0, x.length / items)]), expected: numbers(golden, 'states_sample0') }] : []),
  ]
}

const isNoise = ({ of }: Term): boolean => typeof of === 'object' && ('draw' in of || 'brownian' in of)
const itemsOf = (golden: Data): number => (golden['x'] as unknown[]).length

function drawOf(noise: NoiseSource, draw: number, length: number): Float64Array {
  const out = new Float64Array(length)
  noise.draw(out, draw, 0)
  return out
}

const contextOf = (from: Level, to: Level, schedule: NoiseSchedule): MethodContext => (
  { from, to, index: 0, count: 1, past: [], levelAtLambda: (lambda) => schedule.levelAtLambda(lambda), slope: (t) => schedule.slope(t) }
)

async function run(step: Step, x: FloatArray, model: GoldenModel, noise: NoiseSource): Promise<FloatArray> {
  let last: FloatArray = x
  for await (const row of sample({ plan: { form: 'noise', steps: [step] }, prediction: 'epsilon', x, label: ({ t }) => t, evaluate: model.network('epsilon'), noise })) last = row.x
  return last
}

/**
 * Langevin's corrector (arXiv 2011.13456, Algorithm 5): x ← x + δ·score + √(2δ) z with δ = 2 a (snr·|z|/|score|)², the norms averaged over the batch. Not a table:
 * δ is known only when the score is, so it is here and not among the methods.
 */
async function langevin(x: FloatArray, level: Level, model: GoldenModel, z: Float64Array, snr: number, a: number, items: number): Promise<FloatArray> {
  const epsilon = await model.network('epsilon')(x, { level, label: level.t, evaluation: 0 })
  const size = x.length / items
  const norm = (values: FloatArray): number => Array.from({ length: items }, (_, k) => Math.hypot(...values.subarray(k * size, (k + 1) * size))).reduce((sum, one) => sum + one, 0) / items
  const delta = 2 * a * (snr * norm(z) * level.sigma / norm(epsilon)) ** 2
  return Float64Array.from(x, (value, i) => value - delta * epsilon[i]! / level.sigma + Math.sqrt(2 * delta) * z[i]!)
}

/** Training steps n = 1 … N that the peer visits, upwards. */
function stepsOf(type: string, N: number, count: number): number[] | undefined {
  if (type === 'linear') {
    let position = 1
    return Array.from({ length: count }, (_, i) => {
      if (i > 0) position += (N - 1) / (count - 1)
      return roundHalfEven(position)
    })
  }
  if (type === 'quad_ddim') {
    const step = Math.sqrt(N * 0.8) / (count - 1)
    return Array.from({ length: count }, (_, i) => Math.floor((i > 0 && i === count - 1 ? Math.sqrt(N * 0.8) : i * step) ** 2) + 1)
  }
  const power = /^power(\d+)$/.exec(type)
  if (!power) return undefined
  let last = 0
  return Array.from({ length: count }, (_, k) => {
    const rounded = roundHalfEven((N - 1) * (1 - (1 - k / (count - 1)) ** (1 / Number(power[1]))) + 1)
    return last = rounded <= last ? last + 1 : rounded
  })
}

async function analyticDpmCase(golden: Data, header: Data, chain: string, variance: string): Promise<Compared[] | Unsupported> {
  const [N, count, type] = [number(golden, 'N_train'), number(golden, 'steps'), text(golden, 'steps_type')]
  const indices = stepsOf(type, N, count)
  if (!indices) return { unsupported: `steps ${type}` }
  const schedule = discrete({ kind: 'discrete', betas: 'linear', trainSteps: N, betaStart: 1e-4, betaEnd: 0.02, lambdaMin: null })
  const levels = indices.map((n) => schedule.level(n / N)).reverse()
  const { model, x } = modelOfCase(golden, header, schedule)
  // A Gaussian's E|ε̂|²/D is known; a file may also give it.
  const statistic: NoiseStatistic = { lambda: levels.map(({ lambda }) => lambda), meanSquare: levels.map((level, i) => meanSquareOf(golden, header, level, indices[indices.length - 1 - i]!)) }
  const optimal = variance === 'ms_eps'
  // Where x̂₀ is clipped the peer keeps the network's own ε.
  const options: MethodOptions = { statistic, eta: chain === 'ddim' ? optionalNumber(golden, 'eta') ?? 0 : 1, variance: variance === 'naive_large' ? 'large' : 'small', epsilon: 'raw' }
  const method = optimal ? analyticDpm : chain === 'ddim' ? ddim : ddpm
  const steps = levels.map((from, i) => method(contextOf(from, levels[i + 1] ?? noiseFree, schedule), options))
  let last: FloatArray = x
  const clip = (x0: FloatArray): void => { for (let i = 0; i < x0.length; i++) x0[i] = Math.min(Math.max(x0[i]!, -1), 1) }
  const request = { plan: { form: 'data' as const, steps }, prediction: 'epsilon' as const, x, label: ({ t }: Level) => t * N, evaluate: model.network('epsilon'), noise: explicitNoise(golden) }
  for await (const row of sample(optimal || chain === 'ddim' ? { ...request, correctEstimate: clip } : request)) last = row.x
  return [{ what: 'x', got: last, expected: numbers(golden, 'x') }]
}

function meanSquareOf(golden: Data, header: Data, { alpha, sigma }: Level, n: number): number {
  if ('ms_eps_at' in golden && String(n) in data(golden, 'ms_eps_at')) return number(data(golden, 'ms_eps_at'), String(n))
  const model = data(data(header, 'models'), text(golden, 'model'))
  if (!('mu' in model)) return NaN
  const s = numbers(model, 's')
  return s.reduce((sum, sj) => sum + sigma ** 2 / ((alpha * sj) ** 2 + sigma ** 2), 0) / s.length
}
