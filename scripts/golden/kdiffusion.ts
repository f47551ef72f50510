import { lms } from '../../src/sampler/methods/adamsBashforth'
import { dpm2Ancestral, dpmpp2sAncestral, dpmppSde, eulerAncestral } from '../../src/sampler/methods/ancestral'
import { churned } from '../../src/sampler/methods/churn'
import { dpm2, euler, heun } from '../../src/sampler/methods/heun'
import { multistep } from '../../src/sampler/methods/multistep'
import { sdeMultistep } from '../../src/sampler/methods/sdeDpmSolver'
import { sample, type Evaluate } from '../../src/sampler/sample'
import type { Form, Level, Method, MethodOptions, Plan, Step } from '../../src/sampler/types'
import type { Compared } from './compare'
import { explicitNoise } from './explicitNoise'
import { data, isData, list, number, numbers, optionalNumber, text, type Data } from './file'
import type { Unsupported } from './kinds'
import { modelOfCase } from './official'
import { linspace } from './torch'

/** One of the peer's samplers: the form it works in and its method at a step, of which the last one leads to σ = 0. */
interface Sampler { form: Form; method(step: { index: number; last: boolean }, args: Data): Method }

const ancestral = (method: Method, form: Form = 'data'): Sampler => ({ form, method: () => method })
/** The ODE samplers in σ; `last` is what they do where σ ends at 0. */
const slopes = (method: Method): Sampler => ({ form: 'noise', method: ({ last }) => churned(last ? euler : method) })
const variant = (args: Data): 'taylor' | 'midpoint' => args['solver_type'] === 'heun' ? 'taylor' : 'midpoint'

const samplers: Readonly<Record<string, Sampler>> = {
  sample_euler: slopes(euler),
  sample_heun: slopes(heun),
  sample_dpm_2: slopes(dpm2),
  sample_lms: { form: 'noise', method: ({ index }, args) => lms(Math.min(index + 1, optionalNumber(args, 'order') ?? 4)) },
  sample_dpmpp_2m: { form: 'data', method: ({ index, last }) => multistep('data', index === 0 || last ? 1 : 2) },
  sample_euler_ancestral: ancestral(eulerAncestral),
  sample_dpm_2_ancestral: ancestral(dpm2Ancestral, 'noise'),
  sample_dpmpp_2s_ancestral: ancestral(dpmpp2sAncestral),
  sample_dpmpp_sde: ancestral(dpmppSde),
  sample_dpmpp_2m_sde: { form: 'data', method: ({ index, last }, args) => sdeMultistep('data', index === 0 || last ? 1 : 2, variant(args)) },
  sample_dpmpp_3m_sde: { form: 'data', method: ({ index, last }) => sdeMultistep('data', last ? 1 : Math.min(index + 1, 3), 'taylor') },
}

const optionNames: Readonly<Record<string, string>> = { eta: 'eta', s_noise: 'sNoise', s_churn: 'sChurn', s_tmin: 'sTmin', s_tmax: 'sTmax', r: 'r' }

/** The peer's arguments by our names. */
function optionsOf(args: Data): MethodOptions {
  const named = Object.keys(optionNames).filter((name) => name in args).map((name) => [optionNames[name]!, number(args, name)] as const)
  return { ...Object.fromEntries(named), compat: 'peers3M' }
}

/** σ of a named spacing of the header, down to 0; or the case's own list. */
export function sigmasOf(golden: Data, header: Data): number[] {
  if (Array.isArray(golden['sigmas'])) return numbers(golden, 'sigmas')
  const [name, n] = [text(golden, 'sigmas'), number(golden, 'n')]
  const p = data(data(header, 'sigma_schedules'), name)
  switch (name) {
    case 'karras': {
      const [most, least] = [number(p, 'sigma_max') ** (1 / number(p, 'rho')), number(p, 'sigma_min') ** (1 / number(p, 'rho'))]
      return [...linspace(0, 1, n).map((u) => (most + u * (least - most)) ** number(p, 'rho')), 0]
    }
    case 'exponential': case 'polyexponential': {
      const [most, least] = [Math.log(number(p, 'sigma_max')), Math.log(number(p, 'sigma_min'))]
      return [...linspace(1, 0, n).map((u) => Math.exp(u ** (optionalNumber(p, 'rho') ?? 1) * (most - least) + least)), 0]
    }
    case 'vp': return [...linspace(1, number(p, 'eps_s'), n).map((t) => Math.sqrt(Math.expm1(number(p, 'beta_d') * t * t / 2 + number(p, 'beta_min') * t))), 0]
    default: throw new TypeError(`“sigmas” is ${name}, which is not known`)
  }
}

export const veLevel = (sigma: number): Level => ({ t: sigma, alpha: 1, sigma, lambda: -Math.log(sigma) })

function stepsOf(sampler: Sampler, sigmas: readonly number[], args: Data): Step[] {
  const levels = sigmas.map(veLevel)
  const options = optionsOf(args)
  const past: Level[] = []
  return levels.slice(1).map((to, index) => {
    const method = sampler.method({ index, last: to.sigma === 0 }, args)
    const step = method({ from: levels[index]!, to, index, count: levels.length - 1, past: [...past], levelAtLambda: (lambda) => veLevel(Math.exp(-lambda)) }, options)
    for (const stage of step.remember) past.unshift(step.stages[stage]!.level)
    return step
  })
}

interface Run { x: Float64Array; rows: { x: Float64Array; x0: Float64Array; level: Level }[]; calls: number[]; sigmas: number[] }

async function run(golden: Data, header: Data, first: boolean): Promise<Run | Unsupported> {
  const fn = text(golden, 'fn')
  const sampler = samplers[fn]
  if (!sampler) return { unsupported: fn }
  const sigmas = sigmasOf(golden, header)
  const { model, x } = modelOfCase(golden, header)
  const network = model.network('sample')
  const calls: number[] = []
  const evaluate: Evaluate = (state, point) => {
    calls.push(point.level.sigma)
    return network(state, point)
  }
  const start = (first ? x.subarray(0, model.size) : x).map((value) => value * sigmas[0]!)
  const plan: Pick<Plan, 'form' | 'steps'> = { form: sampler.form, steps: stepsOf(sampler, sigmas, isData(golden['args']) ? golden['args'] : {}) }
  const rows: Run['rows'] = []
  const noise = 'noise_seed' in golden ? { noise: explicitNoise(golden) } : {}
  for await (const row of sample({ plan, prediction: 'sample', x: start, label: ({ t }) => t, evaluate, ...noise })) {
    rows.push({ x: Float64Array.from(row.x), x0: Float64Array.from(row.x0), level: row.level })
  }
  return { x: rows.at(-1)!.x, rows, calls, sigmas }
}

/** Final states of the peer's samplers on their own σ. */
export async function kdiffusionFinal(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const done = await run(golden, header, false)
  if ('unsupported' in done) return done
  return [
    { what: 'x', got: done.x, expected: numbers(golden, 'x') },
    ...('calls' in golden ? [{ what: 'calls', got: [done.calls.length], expected: [number(golden, 'calls')], exact: true }] : []),
  ]
}

/** Grid, states, estimates and evaluations, of the first item. */
export async function kdiffusionTrace(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const done = await run(golden, header, true)
  if ('unsupported' in done) return done
  const steps = list(golden, 'steps')
  const rows = done.rows.slice(0, -1)
  return [
    { what: 'x', got: done.x, expected: numbers(golden, 'x') },
    { what: 'grid', got: done.sigmas, expected: numbers(golden, 'grid') },
    { what: 'call_sigma', got: done.calls, expected: numbers(golden, 'call_sigma') },
    { what: 'sigma', got: rows.map(({ level }) => level.sigma), expected: steps.map((step) => number(step, 'sigma')) },
    { what: 'steps x', got: rows.flatMap(({ x }) => [...x]), expected: steps.flatMap((step) => numbers(step, 'x')) },
    { what: 'denoised', got: rows.flatMap(({ x0 }) => [...x0]), expected: steps.flatMap((step) => numbers(step, 'denoised')) },
  ]
}
