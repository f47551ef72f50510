import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { algorithms } from '../../../src/sampler/algorithms'
import { asNetwork, gaussian } from '../../../src/sampler/analytic'
import { needsOf } from '../../../src/sampler/buffers'
import type { NoiseStatistic } from '../../../src/sampler/methods/analyticDpm'
import { ddpm } from '../../../src/sampler/methods/ddim'
import { makePlan } from '../../../src/sampler/plan'
import { clockTime } from '../../../src/sampler/random/clock'
import { batchSeeds, drawBatch, noiseGenerators, noiseSource, type NoiseSource } from '../../../src/sampler/random/source'
import { sample, type Evaluate } from '../../../src/sampler/sample'
import { noiseFree } from '../../../src/sampler/schedule/level'
import { estimateStatistic } from '../../../src/sampler/statistic'
import type { Algorithm, FloatArray, MethodOptions, Plan, PlanRequest } from '../../../src/sampler/types'
import { linear, request, vpLinear } from './bench'

const [mu, s] = [0.7, 0.5]
const data = gaussian([mu], [s])

async function end(plan: Plan, x: FloatArray, noise: NoiseSource, evaluate: Evaluate): Promise<FloatArray> {
  let last = x
  for await (const row of sample({ plan, prediction: 'epsilon', x, label: ({ t }) => t, evaluate, noise })) last = row.x.slice()
  return last
}

/** Noise that shows what each part of the Brownian path does: value j of an increment is its share of the j-th part of the way, so squares of responses add up to a variance. */
function probe(plan: Plan): NoiseSource & { size: number } {
  const times = new Set<number>()
  for (const { update, stages } of plan.steps) {
    for (const { of } of [...update, ...stages.flatMap(({ input }) => input)]) if (typeof of === 'object' && 'brownian' in of) for (const level of of.brownian) times.add(clockTime(level, of.clock))
  }
  const sorted = [...times].sort((a, b) => a - b)
  return {
    items: 1, size: sorted.length + 1,
    draw: () => { throw new Error('these plans have Brownian noise only') },
    increment(out, from, to) {
      const [low, high] = [Math.min(from, to), Math.max(from, to)]
      out.fill(0)
      sorted.slice(1).forEach((time, j) => { if (sorted[j]! >= low && time <= high) out[j + 1] = Math.sqrt((time - sorted[j]!) / (high - low)) })
    },
  }
}

/** Mean and variance of what a method gives for x_T ~ N(0, 1) and Gaussian data, exactly: everything is linear there. */
async function moments(changes: Partial<PlanRequest>): Promise<{ mean: number; variance: number }> {
  const plan = makePlan(request({ method: 'multistep', order: 1, lowerOrderBelow: 0, finalSigma: 'zero', ...changes }), vpLinear)
  const source = probe(plan)
  const x = new Float64Array(source.size)
  x[0] = 1
  const responses = await end(plan, x, source, asNetwork(gaussian([0], [s]), 'epsilon'))
  const still: NoiseSource = { items: 1, draw: (out) => { out.fill(0) }, increment: (out) => { out.fill(0) } }
  const [mean = NaN] = await end(plan, new Float64Array(1), still, asNetwork(data, 'epsilon'))
  return { mean, variance: [...responses].reduce((sum, response) => sum + response * response, 0) }
}

/** The exact E|ε̂|² of the Gaussian. */
const statistic: NoiseStatistic = (() => {
  const levels = Array.from({ length: 600 }, (_, i) => vpLinear.levelAtLambda(-5.2 + 0.02 * i))
  return { lambda: levels.map(({ lambda }) => lambda), meanSquare: levels.map(({ alpha, sigma }) => sigma ** 2 / ((alpha * s) ** 2 + sigma ** 2)) }
})()

type Case = [string, Partial<PlanRequest> & { algorithm: Algorithm }, number]
/** Algorithm, and the weak order: how fast mean and variance approach those of the data. Noise makes x̂₀ rough along the way, so a third order gains nothing on the second. */
const cases: Case[] = [
  ['DDPM, small variance', { algorithm: 'ddpm' }, 1], ['DDPM, large variance', { algorithm: 'ddpm', options: { variance: 'large' } }, 1],
  ['DDIM, η = 1', { algorithm: 'ddim', options: { eta: 1 } }, 1], ['DDIM, η = 0.5', { algorithm: 'ddim', options: { eta: 0.5 } }, 1],
  ['Euler–Maruyama', { algorithm: 'eulerMaruyama', spacing: 'timeUniform' }, 1], ['Euler–Maruyama, equal λ', { algorithm: 'eulerMaruyama' }, 1],
  ['reverse diffusion', { algorithm: 'eulerMaruyama', spacing: 'timeUniform', options: { rule: 'reverseDiffusion' } }, 1],
  ['Euler ancestral', { algorithm: 'eulerAncestral' }, 1], ['Euler ancestral, η = 0.5', { algorithm: 'eulerAncestral', options: { eta: 0.5 } }, 1],
  ['DPM2 ancestral', { algorithm: 'dpm2Ancestral' }, 2], ['2S ancestral', { algorithm: 'dpmpp2sAncestral' }, 1.8], ['DPM-Solver++ (SDE)', { algorithm: 'dpmppSde' }, 1.8],
  ['SDE-DPM-Solver++ 1', { algorithm: 'sde-dpmsolver++' }, 1], ['SDE-DPM-Solver++ 2M', { algorithm: 'sde-dpmsolver++', order: 2 }, 2],
  ['SDE-DPM-Solver++ 2M, η = 0.4', { algorithm: 'sde-dpmsolver++', order: 2, options: { eta: 0.4 } }, 2], ['SDE-DPM-Solver++ 3M', { algorithm: 'sde-dpmsolver++', order: 3 }, 2],
  ['SDE-DPM-Solver++ 2S', { algorithm: 'sde-dpmsolver++', order: 2, method: 'singlestep' }, 1.8], ['SDE-DPM-Solver 2M', { algorithm: 'sde-dpmsolver', order: 2 }, 1.7],
]

describe('mean and variance of Gaussian data', () => {
  for (const [name, changes, order] of cases) {
    test(`${name}: in the limit those of the data, with weak order ${order}`, async (t) => {
      const [coarse, fine] = [await moments({ ...changes, steps: 50 }), await moments({ ...changes, steps: 100 })]
      const far = await moments({ ...changes, steps: 400 })
      // Where sampling ends, at t_end, a last step to x̂₀ takes away a little variance; 4e-4 of it at t_end = 1e-3.
      const error = ({ variance }: { variance: number }): number => Math.abs(variance / s ** 2 - 1 + 4.4e-4)
      const slope = Math.log2(error(coarse) / error(fine))
      t.diagnostic(`variance off by ${error(coarse).toExponential(1)}, ${error(fine).toExponential(1)}, ${error(far).toExponential(1)}: slope ${slope.toFixed(2)}; mean off by ${Math.abs(far.mean - mu).toExponential(1)}`)
      assert.ok(slope > order - 0.25)
      assert.ok(error(far) < 0.03)
      assert.ok(Math.abs(far.mean - mu) < 3e-3)
    })
  }

  test('Analytic-DPM has the variance of the data with any number of steps: its variance is the right one', async () => {
    for (const steps of [5, 10, 50]) {
      const { mean, variance } = await moments({ algorithm: 'analyticDpm', steps, options: { statistic } })
      assert.ok(Math.abs(variance / s ** 2 - 1) < 1e-3)
      assert.ok(Math.abs(mean - mu) < 1e-4)
    }
  })

  test('no noise at all is the deterministic method: η = 0', async () => {
    const x = Float64Array.of(0.3, -1.2, 2)
    const run = (algorithm: Algorithm, options: MethodOptions = {}, changes: Partial<PlanRequest> = {}): Promise<FloatArray> => (
      end(makePlan(request({ algorithm, order: 1, steps: 12, options, ...changes }), vpLinear), x, noiseSource('philox4x32-10/v1', [1n]), asNetwork(data, 'epsilon'))
    )
    const ddim = await run('dpmsolver++')
    for (const [algorithm, options] of [['sde-dpmsolver++', { eta: 0 }], ['sde-dpmsolver', { eta: 0 }], ['ddim', {}], ['eulerAncestral', { eta: 0 }], ['euler', {}]] as const) {
      (await run(algorithm, options)).forEach((value, i) => { assert.ok(Math.abs(value - ddim[i]!) < 1e-12, algorithm) })
    }
    const second = await run('dpmsolver++', {}, { order: 2, method: 'multistep' })
    ;(await run('sde-dpmsolver++', { eta: 0 }, { order: 2, method: 'multistep' })).forEach((value, i) => { assert.ok(Math.abs(value - second[i]!) < 1e-12) })
  })

  test('DDPM, DDIM with η = 1, Euler ancestral and SDE-DPM-Solver++ 1 are one method', async () => {
    const x = Float64Array.of(0.3, -1.2, 2)
    const run = (algorithm: Algorithm, options: MethodOptions = {}): Promise<FloatArray> => (
      end(makePlan(request({ algorithm, order: 1, method: 'multistep', steps: 20, options }), vpLinear), x, noiseSource('philox4x32-10/v1', [5n]), asNetwork(data, 'epsilon'))
    )
    const first = await run('ddpm')
    for (const [algorithm, options] of [['ddim', { eta: 1 }], ['eulerAncestral', {}], ['sde-dpmsolver++', {}]] as const) {
      (await run(algorithm, options)).forEach((value, i) => { assert.ok(Math.abs(value - first[i]!) < 1e-11, algorithm) })
    }
  })
})

const stochastic = Object.entries(algorithms).filter(([, row]) => row.stochastic).map(([name]) => name as Algorithm)
const withStatistic = (algorithm: Algorithm): MethodOptions => algorithm === 'analyticDpm' ? { statistic } : {}

describe('noise of a run', () => {
  test('the same recipe gives the same bytes, and a batch does not change an item', async () => {
    await fc.assert(fc.asyncProperty(
      fc.constantFrom(...stochastic), fc.constantFrom(...noiseGenerators), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.integer({ min: 3, max: 12 }), fc.integer({ min: 1, max: 3 }),
      async (algorithm, generator, seed, steps, items) => {
        const plan = makePlan(request({ algorithm, order: algorithms[algorithm].orders[0]!, method: algorithms[algorithm].methods[0]!, steps, options: withStatistic(algorithm) }), linear)
        const size = 18
        const run = async (first: bigint, count: number): Promise<FloatArray> => {
          const noise = noiseSource(generator, batchSeeds(first, count))
          const x = new Float32Array(count * size)
          drawBatch(noise, x, 0)
          return end(plan, x, noise, asNetwork(data, 'epsilon'))
        }
        const batch = await run(seed, items)
        assert.deepEqual(await run(seed, items), batch)
        const last = BigInt.asUintN(64, seed + BigInt(items - 1))
        assert.deepEqual(await run(last, 1), batch.slice((items - 1) * size))
      }), { numRuns: 40 })
  })

  test('with a denoiser that knows the image, more steps lead to the same state: they refine one path', async () => {
    // x̂₀ does not depend on x, so the exponential integrators are exact and only the path is left.
    const known: Evaluate = (x) => new Float64Array(x.length).fill(0.25)
    for (const [algorithm, options] of [['ddpm', {}], ['sde-dpmsolver++', {}], ['sde-dpmsolver++', { eta: 0.5 }], ['eulerAncestral', {}], ['dpmppSde', {}]] as const) {
      const at = async (steps: number): Promise<FloatArray> => {
        const { orders: [order = 1], methods: [method = 'multistep'] } = algorithms[algorithm]
        const plan = makePlan(request({ algorithm, order, method, steps, finalSigma: 'sigmaMin', tEnd: 0.1, options }), vpLinear)
        let last: FloatArray = new Float64Array(0)
        for await (const row of sample({ plan, prediction: 'sample', x: Float64Array.of(1, -1, 0.5, 0.2), label: ({ t }) => t, evaluate: known, noise: noiseSource('philox4x32-10/v1', [77n]) })) last = row.x.slice()
        return last
      }
      const coarse = await at(4)
      for (const steps of [6, 16, 50]) (await at(steps)).forEach((value, i) => { assert.ok(Math.abs(value - coarse[i]!) < 1e-12, algorithm) })
    }
  })

  test('refining Euler–Maruyama’s steps changes a run less and less, along one path', async (t) => {
    const at = (steps: number): Promise<FloatArray> => {
      const plan = makePlan(request({ algorithm: 'eulerMaruyama', order: 1, method: 'multistep', steps, spacing: 'timeUniform', finalSigma: 'sigmaMin' }), vpLinear)
      return end(plan, Float64Array.from({ length: 64 }, (_, i) => Math.sin(i)), noiseSource('philox4x32-10/v1', [3n]), asNetwork(data, 'epsilon'))
    }
    const runs = [await at(100), await at(200), await at(400), await at(800)]
    const distances = runs.slice(1).map((run, k) => Math.sqrt([...run].reduce((sum, value, i) => sum + (value - runs[k]![i]!) ** 2, 0) / run.length))
    t.diagnostic(distances.map((distance) => distance.toFixed(4)).join(' '))
    assert.ok(distances[1]! < 0.7 * distances[0]! && distances[2]! < 0.7 * distances[1]!)
  })

  test('a plan with noise needs a source, and says so', async () => {
    const plan = makePlan(request({ algorithm: 'ddpm', order: 1, steps: 4 }), vpLinear)
    assert.ok(needsOf(plan.steps).noises > 0)
    await assert.rejects(async () => { for await (const row of sample({ plan, prediction: 'epsilon', x: new Float64Array(2), label: ({ t }) => t, evaluate: (x) => x })) assert.ok(row) }, RangeError)
  })
})

describe('learned variance', () => {
  const [from, to] = [vpLinear.level(0.8), vpLinear.level(0.6)]
  const at = { from, to, index: 0, count: 1, past: [], levelAtLambda: (lambda: number) => vpLinear.levelAtLambda(lambda) }
  const result = async (options: MethodOptions, v?: number): Promise<FloatArray> => {
    const step = ddpm(at, options)
    let last: FloatArray = new Float64Array(0)
    const evaluate: Evaluate = () => v === undefined ? Float64Array.of(0.2, -0.1, 0.4, 0) : Float64Array.of(0.2, -0.1, v, v, 0.4, 0, v, v)
    const second = v === undefined ? {} : { secondOutput: { items: 2 } }
    for await (const row of sample({ plan: { form: 'data', steps: [step] }, prediction: 'epsilon', x: Float64Array.of(1, 2, 3, 4), label: ({ t }) => t, evaluate, noise: noiseSource('philox4x32-10/v1', [1n, 2n]), ...second })) last = row.x.slice()
    return last
  }

  test('at v = −1 it is the small variance, at 1 the large one, between them their geometric mean; item by item', async () => {
    for (const [v, variance] of [[-1, 'small'], [1, 'large']] as const) {
      const fixed = await result({ variance })
      ;(await result({ variance: 'learned' }, v)).forEach((value, i) => { assert.ok(Math.abs(value - fixed[i]!) < 1e-14) })
    }
    const [small, large, mean, middle] = [await result({ variance: 'small' }), await result({ variance: 'large' }), await result({ variance: 'small', sNoise: 0 }), await result({ variance: 'learned' }, 0)]
    middle.forEach((value, i) => { assert.ok(Math.abs(value - mean[i]! - Math.sign(small[i]! - mean[i]!) * Math.sqrt((small[i]! - mean[i]!) * (large[i]! - mean[i]!))) < 1e-14) })
  })

  test('a step that ends without noise adds none', () => {
    for (const variance of ['small', 'large', 'learned']) assert.ok(ddpm({ ...at, to: noiseFree }, { variance }).update.every(({ of }) => of === 'state' || (typeof of === 'object' && 'stage' in of)))
  })
})

test('the statistic of a network is estimated to its Monte Carlo error', async (t) => {
  const levels = [0.9, 0.5, 0.1].map((time) => vpLinear.level(time))
  const noise = noiseSource('philox4x32-10/v1', [11n])
  const images = new Float64Array(20_000)
  drawBatch(noise, images, 0)
  const got = await estimateStatistic({
    batches: [images.map((z) => mu + s * z).subarray(0, 10_000), images.map((z) => mu + s * z).subarray(10_000)], levels, label: ({ t: time }) => time, prediction: 'epsilon',
    evaluate: asNetwork(data, 'epsilon'), noise,
  })
  got.meanSquare.forEach((value, i) => {
    const { alpha, sigma } = levels[i]!
    const exact = sigma ** 2 / ((alpha * s) ** 2 + sigma ** 2)
    t.diagnostic(`${value.toFixed(4)} for ${exact.toFixed(4)}`)
    assert.ok(Math.abs(value - exact) < 5 * exact * Math.SQRT2 / Math.sqrt(20_000))
  })
})
