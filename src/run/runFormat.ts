import type { EndEvent, InputFile, LaneEvent, ProviderTry, RowEvent, RunDocument, RunInput, ServerFacts, TensorStatistics } from '../protocol/run'
import { toWire } from '../protocol/wire'
import type { PartialRecipe } from '../recipe/defaults'
import { recipes } from '../recipe/door'
import { isObject, setPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import type { ErrorReport, Reason, Remedy } from '../sampler/errors'
import type { AdaptivePlan, Clock, Controller, Form, LatentSpace, Level, Plan, PredictionType, ScheduleSpec, Stage, Step, Term } from '../sampler/types'
import { isRunId } from './runView'

// Run folders are found on disk and may come from elsewhere: what docs/run-format.md says of them is looked at before it is believed, and
// fields it does not name are left behind.

/** Values of one state at most: two states of this size are read for one picture. */
const mostValues = 2 ** 26
/** Rows at most: more than a plan can have, and enough for the steps that runs find by themselves. */
export const mostRows = 20_000

/** Makes a value of its kind from what a file holds. Throws TypeError where it is none. */
type Read<T> = (value: unknown) => T
/** Fields that may be missing are read as undefined then. */
type Fields<T> = { [K in keyof T]-?: Read<T[K] | (object extends Pick<T, K> ? undefined : never)> }

const where = <T>(is: (value: unknown) => boolean): Read<T> => (value) => {
  if (!is(value)) throw new TypeError('not what it should be')
  return value as T
}
const number = where<number>((value) => typeof value === 'number')
const integer = where<number>(Number.isSafeInteger)
const count = where<number>((value) => Number.isSafeInteger(value) && (value as number) >= 0)
const text = where<string>((value) => typeof value === 'string')
const flag = where<boolean>((value) => typeof value === 'boolean')
const oneOf = <const T extends unknown[]>(...all: T): Read<T[number]> => where((value) => all.includes(value))
const orNull = <T>(read: Read<T>): Read<T | null> => (value) => value === null ? null : read(value)
const optional = <T>(read: Read<T>): Read<T | undefined> => (value) => value === undefined ? undefined : read(value)
const list = <T>(read: Read<T>): Read<T[]> => (value) => where<unknown[]>(Array.isArray)(value).map(read)
const fieldsOf = <T extends object>(fields: Fields<T>): Read<T> => (value) => {
  const given = where<Record<string, unknown>>(isObject)(value)
  const read = Object.entries<Read<unknown>>(fields).map(([name, readField]) => [name, readField(Object.hasOwn(given, name) ? given[name] : undefined)] as const)
  return Object.fromEntries(read.filter(([, field]) => field !== undefined)) as T
}
/** The first of several forms that fits. */
const either = <T>(...forms: Read<T>[]): Read<T> => (value) => {
  for (const read of forms) try { return read(value) } catch { /* perhaps another */ }
  throw new TypeError('of none of its forms')
}

const level = fieldsOf<Level>({ t: number, alpha: number, sigma: number, lambda: number })
const pair: Read<[Level, Level]> = (value) => {
  const [from, to, ...rest] = list(level)(value)
  return where<[Level, Level]>(() => from !== undefined && to !== undefined && rest.length === 0)([from, to])
}
const form = oneOf('noise', 'data')
const term = fieldsOf<Term>({
  of: either<Term['of']>(
    oneOf('state'), fieldsOf<{ stage: number; raw?: Form }>({ stage: count, raw: optional(form) }), fieldsOf<{ past: number }>({ past: count }), fieldsOf<{ draw: number }>({ draw: count }),
    fieldsOf<{ brownian: [Level, Level]; clock?: Clock }>({ brownian: pair, clock: optional(either<Clock>(number, oneOf('t'))) }),
  ),
  coefficient: number, scaledBy: optional(fieldsOf<{ stage: number; exponent: number }>({ stage: count, exponent: number })),
})
const stage = fieldsOf<Stage>({ level, input: list(term), label: optional(number) })
const step = fieldsOf<Step>({
  from: level, to: level, order: count, stages: list(stage), update: list(term), remember: list(count),
  estimate: where((value) => Number.isSafeInteger(value) && (value as number) >= -1), embedded: optional(list(term)), error: optional(list(term)),
})
const controller = either<Controller>(
  fieldsOf<Extract<Controller, { kind: 'pi' }>>({ kind: oneOf('pi'), safety: number }),
  fieldsOf<Extract<Controller, { kind: 'authors' }>>({ kind: oneOf('authors'), theta: number, singlePrecision: flag }),
  fieldsOf<Extract<Controller, { kind: 'pid' }>>({ kind: oneOf('pid'), p: number, i: number, d: number, acceptSafety: number }),
  fieldsOf<Extract<Controller, { kind: 'scipy' }>>({ kind: oneOf('scipy') }),
)
const adaptive = fieldsOf<AdaptivePlan>({
  from: level, to: level, pair: oneOf('dpm12', 'dpm23', 'rk23', 'rk45'), variant: oneOf('midpoint', 'taylor'), controller, atol: number, rtol: number, first: number,
  variable: oneOf('t', 'lambda'), together: optional(flag),
})
const plan = fieldsOf<Plan>({ form, levels: list(level), steps: list(step), adaptive: optional(adaptive), evaluations: count, notes: list(text) })

const schedule = either<ScheduleSpec>(
  fieldsOf<Extract<ScheduleSpec, { kind: 'discrete' }>>({
    kind: oneOf('discrete'), betas: either<'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | number[]>(oneOf('linear', 'scaled_linear', 'squaredcos_cap_v2'), list(number)),
    trainSteps: count, betaStart: number, betaEnd: number, lambdaMin: orNull(number), zeroTerminalSnr: optional(flag),
  }),
  fieldsOf<Extract<ScheduleSpec, { kind: 'vpLinear' }>>({ kind: oneOf('vpLinear'), beta0: number, beta1: number }),
  fieldsOf<Extract<ScheduleSpec, { kind: 'vpCosine' }>>({ kind: oneOf('vpCosine'), s: number }),
  fieldsOf<Extract<ScheduleSpec, { kind: 'edm' }>>({ kind: oneOf('edm'), sigmaMin: number, sigmaMax: number, sigmaData: number }),
  fieldsOf<Extract<ScheduleSpec, { kind: 'flow' }>>({ kind: oneOf('flow'), shift: number, trainSteps: count }),
)

const recipe: Read<Recipe> = (value) => recipes().complete(where<PartialRecipe>((given) => recipes().recipeErrors(given).length === 0 && travels(given))(value))
const classes = fieldsOf<NonNullable<RunDocument['model']['classes']>>({ count, names: list(text), nullLabel: orNull(integer), nullLabelAssumed: flag })
const file = fieldsOf<InputFile>({ path: text, sha256: text, width: count, height: count })
const input = fieldsOf<RunInput>({ image: optional(file), mask: optional(file), classifier: optional(fieldsOf<NonNullable<RunInput['classifier']>>({ path: text, bytes: count })) })

const run = fieldsOf<RunDocument>({
  format: oneOf('dpm-solver-run'), version: oneOf(1, 2), id: where(isRunId), created: text, recipe,
  model: fieldsOf<RunDocument['model']>({
    path: text, name: text, graph: text, bytes: count, predictionType: oneOf<PredictionType[]>('epsilon', 'sample', 'v_prediction', 'score', 'flow'), schedule, classes: orNull(classes), sigmaData: optional(orNull(number)),
    latents: optional(oneOf<LatentSpace[]>('sd', 'sdxl', 'sd3', 'flux')),
  }),
  input: optional(input), schedule, plan, shape: where((value) => Array.isArray(value) && value.length === 4 && value.every((n) => Number.isSafeInteger(n) && n > 0)),
  states: fieldsOf<RunDocument['states']>({
    file: oneOf('states.f32'), dtype: oneOf('float32'), byteOrder: oneOf('little'), tensors: where((value) => Array.isArray(value) && value.join() === 'x,x0'), rowBytes: count,
    keep: optional(oneOf('everyN', 'lastOnly')), every: optional(count),
  }),
  labels: orNull(list(integer)), seeds: list(text),
  engine: fieldsOf<RunDocument['engine']>({ version: text, onnxruntime: text, provider: text, tried: list(fieldsOf<ProviderTry>({ provider: text, error: optional(text) })), intraOpThreads: count, adapter: optional(oneOf('software')), server: optional(fieldsOf<ServerFacts>({ url: text, name: text, version: text, platform: text, modelVersion: text })) }),
})

const statistics = fieldsOf<TensorStatistics>({ min: number, max: number, mean: number, std: number, clipped: number, nonFinite: count })
const lane = fieldsOf<LaneEvent>({ item: count, level, evaluations: count, accepted: count, rejected: count, row: count })
const row = fieldsOf<RowEvent>({
  event: oneOf('row'), row: count, level, order: count, evaluations: count, ms: number, estimateFrom: count, offset: count, x: statistics, x0: statistics, change: optional(number), lanes: optional(list(lane)),
})

const settable = (value: unknown): boolean => isObject(value) && travels(value)
  && Object.entries(value).every(([path, field]) => { try { return recipes().recipeErrors(setPath({}, path, field)).length === 0 } catch { return false } })
const remedy = either<Remedy>(
  fieldsOf<Extract<Remedy, { set: unknown }>>({ title: text, set: where(settable) }),
  fieldsOf<Extract<Remedy, { command: unknown }>>({ title: text, command: where((value) => typeof value === 'string') }), // whoever is asked to do it knows which there are
)
const error = fieldsOf<ErrorReport>({ reason: text as Read<Reason>, message: text, advice: text, field: optional(text), remedy: optional(remedy), otherRemedy: optional(remedy) })
const end = fieldsOf<EndEvent>({
  event: oneOf('end'), outcome: oneOf('finished', 'stopped', 'failed'), rows: count, evaluations: count, ms: number, evaluationMs: optional(number),
  accepted: optional(count), rejected: optional(count), error: optional(error),
})

/** The description of a run, or undefined where `value` is none that this version knows: sizes that agree with each other and can be read. */
export function readDocument(value: unknown): RunDocument | undefined {
  const document = tried(run, value)
  if (!document) return undefined
  const values = document.shape.reduce((product, n) => product * n, 1)
  const { version, states, plan: { levels, steps, adaptive }, shape: [batch], seeds, labels } = document
  // What a run finds by itself is one way between two levels.
  const ways = steps.length + (adaptive ? 1 : 0)
  const agrees = values <= mostValues && states.rowBytes === 8 * values && levels.length <= mostRows && ways === levels.length - 1
    && seeds.length === batch && (labels === null || labels.length === batch)
    && (version === 1 || states.keep === 'lastOnly' || states.keep === 'everyN' && (states.every ?? 0) > 1)
  return agrees ? document : undefined
}

/** A row of events.jsonl, or undefined. */
export function readRow(value: unknown): RowEvent | undefined { return tried(row, value) }

/** The end line of events.jsonl, or undefined. */
export function readEnd(value: unknown): EndEvent | undefined { return tried(end, value) }

function tried<T>(read: Read<T>, value: unknown): T | undefined {
  try { return read(value) } catch { return undefined }
}

function travels(value: unknown): boolean {
  try { toWire(value); return true } catch { return false }
}
