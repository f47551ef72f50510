import { sample } from '../../src/sampler/sample'
import { vpLinear } from '../../src/sampler/schedule/vpLinear'
import type { Attempt } from '../../src/sampler/lane'
import type { AdaptivePlan, FloatArray, Form, Level, NoiseSchedule, PredictionType } from '../../src/sampler/types'
import type { Compared } from './compare'
import { isData, number, numbers, optionalNumber, text, type Data } from './file'
import { veLevel } from './kdiffusion'
import type { Unsupported } from './kinds'
import { algorithmOf, modelOfCase, scheduleOfCase, variantOf, type GoldenModel } from './official'

interface AdaptiveRun { x: FloatArray; attempts: Attempt[]; calls: number; states: FloatArray[] }

/** One run, its whole batch in one lane, as the other programs have it. */
async function run(adaptive: AdaptivePlan, form: Form, x: FloatArray, model: GoldenModel, schedule: NoiseSchedule, prediction: PredictionType = 'epsilon'): Promise<AdaptiveRun> {
  const attempts: Attempt[] = []
  const network = model.network(prediction)
  let calls = 0
  const done: AdaptiveRun = { x, attempts, calls, states: [] }
  const rows = sample({
    plan: { form, steps: [], adaptive }, prediction, x, label: ({ t }) => t, schedule, items: x.length / model.size, onAttempt: (attempt) => attempts.push(attempt),
    evaluate: (state, point) => {
      calls += 1
      return network(state, point)
    },
  })
  for await (const row of rows) done.states.push(Float64Array.from(row.x))
  return { ...done, x: done.states.at(-1)!, calls }
}

/** DPM-Solver-12 and -23 with the authors' own controller. */
export async function officialAdaptive(golden: Data, header: Data): Promise<Compared[]> {
  const { schedule, T, t0 } = scheduleOfCase(golden, header)
  const { model, x } = modelOfCase(golden, header, schedule)
  const order = number(golden, 'order')
  const form = algorithmOf(golden) === 'dpmsolver' ? 'noise' : 'data'
  const done = await run({
    from: schedule.level(T), to: schedule.level(optionalNumber(golden, 't_end') ?? t0), pair: order === 2 ? 'dpm12' : 'dpm23', variant: variantOf(golden), variable: 'lambda', together: true,
    controller: { kind: 'authors', theta: 0.9, singlePrecision: text(golden, 'variant') === 'as_is' }, atol: number(golden, 'atol'), rtol: number(golden, 'rtol'), first: 0.05,
  }, form, x, model, schedule)
  const accepted = done.attempts.filter((attempt) => attempt.accepted)
  const counts = (what: string, got: number): Compared => ({ what, got: [got], expected: [number(golden, what)], exact: true })
  return [
    { what: 'x', got: done.x, expected: numbers(golden, 'x') },
    counts('accepted', accepted.length), counts('rejected', done.attempts.length - accepted.length), counts('calls', done.calls), counts('nfe_printed', order * done.attempts.length),
    { what: 'accepted_t', got: [T, ...accepted.map(({ to }) => to.t)], expected: numbers(golden, 'accepted_t') },
    ...attempts(golden, done.attempts),
  ]
}

/**
 * Where attempts began and would have ended. One that goes too far follows from an error so small, a difference of states that agree to eleven digits, that the peer's
 * rounding shows in its fifth digit.
 */
function attempts(golden: Data, all: readonly Attempt[]): Compared[] {
  const expected = numbers(golden, 'attempts')
  // Long lists are cut.
  const listed = all.slice(0, expected.length / 2)
  const of = (accepted: boolean): { got: number[]; expected: number[] } => {
    const indices = listed.flatMap((attempt, i) => attempt.accepted === accepted ? [i] : [])
    return { got: indices.flatMap((i) => [listed[i]!.from.t, listed[i]!.to.t]), expected: indices.flatMap((i) => expected.slice(2 * i, 2 * i + 2)) }
  }
  return [{ what: 'accepted_t', ...of(true) }, { what: 'rejected', ...of(false), check: { relative: 1e-4, floor: 0.01 } }]
}

/** The process of k-diffusion, α = 1, as a schedule whose time is λ. */
function variance(start: Level): NoiseSchedule {
  const levelAtLambda = (lambda: number): Level => ({ ...veLevel(Math.exp(-lambda)), t: lambda, lambda })
  return { ...vpLinear(0.1, 20), T: start.lambda, level: levelAtLambda, levelAtLambda, slope: () => ({ logAlpha: 0, lambda: 1 }) }
}

/** k-diffusion's DPM-Solver-12 and -23 with its PID controller. */
export async function kdiffusionAdaptive(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const args = isData(golden['args']) ? golden['args'] : {}
  const start = veLevel(number(golden, 'sigma_max'))
  const schedule = variance(start)
  const { model, x } = modelOfCase(golden, header)
  const order = number(golden, 'order')
  const done = await run({
    from: schedule.level(start.lambda), to: schedule.level(-Math.log(number(golden, 'sigma_min'))), pair: order === 2 ? 'dpm12' : 'dpm23', variant: 'midpoint', variable: 'lambda', together: true,
    controller: {
      kind: 'pid', p: optionalNumber(args, 'pcoeff') ?? 0, i: optionalNumber(args, 'icoeff') ?? 1, d: optionalNumber(args, 'dcoeff') ?? 0,
      acceptSafety: optionalNumber(args, 'accept_safety') ?? 0.81,
    },
    atol: number(golden, 'atol'), rtol: number(golden, 'rtol'), first: optionalNumber(args, 'h_init') ?? 0.05,
  }, 'noise', x.map((value) => value * start.sigma), model, schedule, 'sample')
  const info = golden['info']
  if (!isData(info)) throw new TypeError('“info” is not an object')
  const accepted = done.attempts.filter((attempt) => attempt.accepted).length
  const told = golden['steps_t_h_error_nacc_nrej']
  if (!Array.isArray(told)) throw new TypeError('“steps_t_h_error_nacc_nrej” is not a list')
  // Long lists are cut.
  const listed = done.attempts.slice(0, told.length)
  const steps = told.map((step) => numbers({ step: step as unknown }, 'step'))
  const columns = (of: readonly number[]): number[] => steps.flatMap((step) => of.map((k) => step[k]!))
  let counted = 0
  const counts = listed.map((attempt, i) => [counted += attempt.accepted ? 1 : 0, i + 1 - counted])
  return [
    { what: 'x', got: done.x, expected: numbers(golden, 'x') },
    { what: 'info', got: [done.attempts.length, order * done.attempts.length, accepted, done.attempts.length - accepted], expected: ['steps', 'nfe', 'n_accept', 'n_reject'].map((key) => number(info, key)), exact: true },
    { what: 'counts', got: counts.flat(), expected: columns([3, 4]), exact: true },
    { what: 't', got: listed.map(({ from, to, accepted: taken }) => (taken ? to : from).lambda), expected: columns([0]) },
    { what: 'h', got: listed.map(({ next }) => next), expected: columns([1]) },
    { what: 'error', got: listed.map(({ error }) => error), expected: columns([2]) },
  ]
}

/** scipy's RK45 and RK23 on the probability-flow ODE in t, of the batch as one system or of one item. */
export async function rk45(golden: Data, header: Data): Promise<Compared[] | Unsupported> {
  const method = text(golden, 'method')
  const pair = method === 'RK45' ? 'rk45' : method === 'RK23' ? 'rk23' : undefined
  if (!pair) return { unsupported: method }
  const schedule = vpLinear(number(header, 'beta_0'), number(header, 'beta_1'))
  const { model, x } = modelOfCase(golden, header, schedule)
  const item = Number(golden['who'])
  const start = golden['who'] === 'batch' ? x : x.slice(item * model.size, (item + 1) * model.size)
  const done = await run({
    from: schedule.level(1), to: schedule.level(number(golden, 't_end')), pair, variant: 'midpoint', variable: 't', together: true, controller: { kind: 'scipy' },
    atol: number(golden, 'atol'), rtol: number(golden, 'rtol'), first: 0,
  }, 'noise', start, model, schedule)
  const accepted = done.attempts.filter((attempt) => attempt.accepted)
  return [
    { what: 'x', got: done.x, expected: numbers(golden, 'x') },
    { what: 'nfev', got: [done.calls], expected: [number(golden, 'nfev')], exact: true },
    { what: 'accepted', got: [accepted.length], expected: [number(golden, 'accepted')], exact: true },
    // Steps follow from errors, small differences whose last digits are rounding: they repeat to fewer digits than the states.
    ...('t' in golden ? [{ what: 't', got: [1, ...accepted.map(({ to }) => to.t)], expected: numbers(golden, 't'), check: { relative: 1e-6, floor: 1 } }] : []),
  ]
}
