import { lms } from '../../src/sampler/methods/adamsBashforth'
import { noiseSource, type NoiseSource } from '../../src/sampler/random/source'
import type { TorchType } from '../../src/sampler/random/torchCpu'
import type { Evaluate } from '../../src/sampler/sample'
import type { FloatArray, Level, PredictionType, Step, Term } from '../../src/sampler/types'
import type { Compared } from './compare'
import { runPlan } from './diffusers'
import { correctionOf } from './diffusersClip'
import { configOf, type Config } from './diffusersConfig'
import { askedOf, gridOf, type Grid } from './diffusersGrid'
import { labelled, planOf, sigmaLevels, type PeerPlan } from './diffusersPlan'
import { data, isData, list, number, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'

/** Tests whose file says nothing of the scheduler they make: what they make. */
const made: Readonly<Record<string, Data>> = {
  'PNDMSchedulerTest::test_full_loop_no_noise': { scheduler: 'PNDMScheduler', config: {}, N: 10 },
  'PNDMSchedulerTest::test_full_loop_with_set_alpha_to_one': { scheduler: 'PNDMScheduler', config: { set_alpha_to_one: true, beta_start: 0.01 }, N: 10 },
}

/**
 * The numbers that diffusers' own tests expect, of a toy model f(x, t) = x t/(t + 1) of the time label. Where the case has what the same test gives in float64, that
 * is compared too, far more closely; the published numbers carry the float32 error of the peer, which the case shows, besides their own tolerance.
 */
export async function peerTest(golden: Data): Promise<Compared[] | Unsupported> {
  const name = text(golden, 'test').replace(/^.*\.py::/, '')
  const given = golden['scheduler'] === undefined ? made[name] : golden
  if (!given) return { unsupported: name.replace(/Test::.*$/, '') }
  const scheduler = text(given, 'scheduler')
  const test = setUp(scheduler, given, golden)
  if (!test) return { unsupported: scheduler }
  const random = golden['random_noise_used'] === true
  const float64 = await result(test, shapeOf(golden), golden['has_add_noise_start'] === true, random ? 'float64' : undefined)
  const published = random ? await result(test, shapeOf(golden), golden['has_add_noise_start'] === true, 'float32') : float64
  return [...(isData(golden['float64']) ? inFloat64(data(golden, 'float64'), float64) : []), ...list(golden, 'expect').map((expect) => expected(expect, published, golden, random))]
}

function sumOf(x: FloatArray): number {
  let sum = 0
  for (const value of x) sum += Math.abs(value)
  return sum
}

function inFloat64(columns: Data, x: FloatArray): Compared[] {
  const check = { relative: 1e-9, floor: 1 }
  const first = numbers(columns, 'first_6_of_flattened')
  return [
    { what: 'sum_abs', got: [sumOf(x)], expected: numbers(columns, 'sum_abs'), check },
    { what: 'mean_abs', got: [sumOf(x) / x.length], expected: numbers(columns, 'mean_abs'), check },
    { what: 'first_6', got: x.subarray(0, first.length), expected: first, check },
  ]
}

/** What float32 does to a sum, for a test with noise, whose two columns also differ by the noise drawn. */
const float32Error = 2e-6

function expected(expect: Data, x: FloatArray, golden: Data, random: boolean): Compared {
  const what = text(expect, 'what')
  const [value, tolerance] = [number(expect, 'value'), number(expect, 'tolerance')]
  const key = what === 'result_sum' ? 'sum_abs' : 'mean_abs'
  const shown = !random && isData(golden['float32']) && isData(golden['float64'])
  const float32 = shown ? Math.abs(number(data(golden, 'float32'), key) - number(data(golden, 'float64'), key)) : float32Error * Math.abs(value)
  return { what, got: [what === 'result_sum' ? sumOf(x) : sumOf(x) / x.length], expected: [value], check: { absolute: tolerance + float32 } }
}

const shapeOf = (golden: Data): number[] => isData(golden['float64']) && 'shape' in golden['float64'] ? numbers(golden['float64'], 'shape') : [4, 3, 8, 8]

interface Test { scheduler: string; config: Config; grid: Grid; args: Data; prediction: PredictionType; skipped: number }

function setUp(scheduler: string, given: Data, golden: Data): Test | undefined {
  const config = configOf(scheduler, data(given, 'config'))
  const grid = config && gridOf(scheduler, config, askedOf(given))
  if (!grid) return undefined
  const args = isData(golden['step_kwargs']) ? golden['step_kwargs'] : {}
  const own = config['prediction_type']
  const prediction = scheduler === 'IPNDMScheduler' ? 'v_prediction' : scheduler.startsWith('EDM') ? 'sample' : own === 'v_prediction' || own === 'sample' ? own : 'epsilon'
  // Some tests run the last steps only.
  const skipped = 'steps' in golden && scheduler !== 'IPNDMScheduler' ? Math.max(0, grid.timesteps.length - number(golden, 'steps')) : 0
  return { scheduler, config, grid, args, prediction, skipped }
}

/** Values (r·B + b)/n of item b, place r; and the same counted backwards, which the tests take for noise. */
function image([items = 1, ...sides]: readonly number[], backwards: boolean): Float64Array {
  const size = sides.reduce((product, side) => product * side, 1)
  const n = items * size
  return Float64Array.from({ length: n }, (_, i) => {
    const k = i % size * items + Math.floor(i / size)
    return (backwards ? n - 1 - k : k) / n
  })
}

async function result(test: Test, shape: readonly number[], noised: boolean, noise: TorchType | undefined): Promise<FloatArray> {
  const { config, grid, prediction } = test
  const own = planFor(test)
  const plan = own.scaled ? rescaled(own) : own
  const from = plan.steps[0]!.from
  const x = image(shape, false).map((value) => test.scheduler === 'EDMDPMSolverMultistepScheduler' ? value : value * grid.initNoiseSigma)
  if (noised) {
    const [alpha, sigma] = plan.scaled ? [1, from.sigma / from.alpha] : [from.alpha, from.sigma]
    const added = image(shape, true)
    for (let i = 0; i < x.length; i++) x[i] = alpha * x[i]! + sigma * added[i]!
  }
  if (plan.scaled) for (let i = 0; i < x.length; i++) x[i]! *= from.alpha
  const correction = correctionOf(config, shape[0] ?? 1)
  const states = await runPlan(plan, prediction, x, toy(test, plan.scaled), { ...(noise ? { noise: torchNoise(noise) } : {}), ...(correction ? { correctEstimate: correction } : {}) })
  return states.at(-1)!
}

/** Every test's generator is seeded with 0, and its first tensor is the first noise of the run. */
function torchNoise(type: TorchType): NoiseSource {
  const source = noiseSource('torch-cpu', [0n], { type })
  return { items: 1, draw: (out, draw, item) => { source.draw(out, draw - 1, item) }, increment: (out, _from, _to, draw, item) => { source.draw(out, draw - 1, item) } }
}

/** The model, of what it is given in a test: see `rescaled`. */
function toy({ scheduler, config }: Test, scaled: boolean): Evaluate {
  if (!scheduler.startsWith('EDM')) return (x, { level, label }) => Float64Array.from(x, (value) => (scaled ? value / level.alpha : value) * label / (label + 1))
  // D = c_skip x + c_out F(c_in x), Karras et al. 2022, table 1. The multistep test leaves c_in out.
  const sigmaData = Number(config['sigma_data'])
  return (x, { level: { sigma }, label }) => {
    const root = Math.hypot(sigma, sigmaData)
    const input = scheduler === 'EDMEulerScheduler' ? 1 / root : 1
    const sign = config['prediction_type'] === 'v_prediction' ? -1 : 1
    const scale = (sigmaData / root) ** 2 + sign * sigma * sigmaData / root * input * label / (label + 1)
    return Float64Array.from(x, (value) => scale * value)
  }
}

/**
 * The tests of schedulers in σ hand the scaled input of the model to `step` as the sample, so every evaluation divides the state by √(σ² + 1) once more than the
 * scheduler knows. Here: what leads to an evaluation, or to the next step, is multiplied by its α, and the model is given x/α.
 */
function rescaled(plan: PeerPlan): PeerPlan {
  const times = (terms: readonly Term[], factor: number): Term[] => terms.map((term) => ({ ...term, coefficient: term.coefficient * factor }))
  const steps = plan.steps.map((step) => ({
    ...step, update: times(step.update, step.to.alpha), stages: step.stages.map((stage, k) => k === 0 ? stage : { ...stage, input: times(stage.input, stage.level.alpha) }),
  }))
  return { ...plan, steps }
}

function planFor(test: Test): PeerPlan {
  const { scheduler, config, grid, args, skipped } = test
  if (scheduler === 'IPNDMScheduler') return ipndmTwice(grid)
  if (scheduler === 'LMSDiscreteScheduler' && skipped > 0) return lateLms(grid, skipped)
  if (skipped > 0 && !grid.sigmas) {
    const whole = planOf(scheduler, config, grid, args)!
    return { ...whole, steps: whole.steps.slice(skipped) }
  }
  const rest = (values: number[] | undefined): number[] => (values ?? []).slice(skipped)
  if (skipped === 0) return planOf(scheduler, config, grid, args)!
  const orders = grid.orders ? { orders: lateOrders(rest(grid.orders)) } : {}
  return planOf(scheduler, config, { ...grid, timesteps: rest(grid.timesteps), sigmas: rest(grid.sigmas), inner: rest(grid.inner), up: rest(grid.up), down: rest(grid.down), ...orders }, args)!
}

/** A group begun in its middle counts from there. */
function lateOrders(orders: readonly number[]): number[] {
  const whole = orders.indexOf(1)
  return orders.map((order, i) => i < whole || whole < 0 ? i + 1 : order)
}

/** LMS begun late takes the formula of the step's place in the whole grid, without the terms of what it has not evaluated. */
function lateLms(grid: Grid, skipped: number): PeerPlan {
  const levels = sigmaLevels(grid, 'vp')
  const steps = levels.slice(skipped, -1).map((from, k): Step => {
    const index = skipped + k
    const past = levels.slice(0, index).reverse()
    const step = lms(Math.min(4, index + 1))({ from, to: levels[index + 1]!, index, count: levels.length - 1, past, levelAtLambda: () => from }, {})
    return { ...step, update: step.update.filter(({ of }) => !(typeof of === 'object' && 'past' in of && of.past >= k)) }
  })
  return { form: 'noise', steps: labelled(steps, grid.timesteps.slice(skipped)), scaled: true }
}

/** Adams–Bashforth weights of the newest outputs, newest first. */
const adams = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]]

/** The test runs the grid twice, the second time with the outputs of the first: α = 0 at its beginning is taken for 1e-8. */
function ipndmTwice(grid: Grid): PeerPlan {
  const levels = (grid.sigmas ?? []).map((sigma, t): Level => ({ t, alpha: Math.sqrt(1 - sigma ** 2), sigma, lambda: Math.log(Math.sqrt(1 - sigma ** 2) / sigma) }))
  const steps = [...levels.slice(0, -1), ...levels.slice(0, -1)].map((from, i): Step => {
    const to = levels[i % (levels.length - 1) + 1]!
    const alpha = Math.max(from.alpha, 1e-8)
    const weight = to.sigma - to.alpha * from.sigma / alpha
    const outputs = adams[Math.min(i, 3)]!.map((w, j): Term => ({ of: j === 0 ? { stage: 0 } : { past: j - 1 }, coefficient: weight * w }))
    return {
      from, to, order: Math.min(4, i + 1), stages: [{ level: from, input: [{ of: 'state', coefficient: 1 }] }], update: [{ of: 'state', coefficient: to.alpha / alpha }, ...outputs],
      remember: [0], estimate: 0,
    }
  })
  return { form: 'noise', steps: labelled(steps, [...grid.timesteps, ...grid.timesteps]), scaled: false }
}
