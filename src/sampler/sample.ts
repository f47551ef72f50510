import { combine } from './combine'
import { DpmError } from './errors'
import { conversion } from './prediction'
import type { FloatArray, Form, Level, Of, Plan, PredictionType, Term } from './types'

/** Where the network is asked. */
export interface EvaluationPoint {
  level: Level
  /** The time to feed the network, in terms of its own schedule. */
  label: number
  /** 1 for the first evaluation of the run. */
  evaluation: number
}

/**
 * One evaluation of the network, guidance included: its own kind of output for the whole batch. `x` (B·C·H·W) is lent for the call and must not be changed;
 * the result has the same length, is read before the next call and is not kept. What it throws ends the run.
 */
export type Evaluate = (x: FloatArray, at: EvaluationPoint) => FloatArray | Promise<FloatArray>

export interface SampleRequest {
  plan: Pick<Plan, 'form' | 'steps'>
  /** What the network predicts. */
  prediction: PredictionType
  /** x_T, B·C·H·W; not changed. The whole run computes in its kind of numbers. */
  x: FloatArray
  /** The network's time label at a level (see timeLabel). */
  label: (level: Level) => number
  evaluate: Evaluate
  /** Asked before every evaluation: true ends the run there, and the rows so far stand. */
  shouldStop?: () => boolean
}

/** One row of the trajectory. `x` and `x0` are the loop's own buffers: read them before asking for the next row, and do not change them. */
export interface Row {
  row: number
  /** Level i of the plan. */
  level: Level
  /** Order of the step that starts here; 0 in the last row. */
  order: number
  /** Evaluations made so far, the one at this level included. */
  evaluations: number
  /** The row whose evaluation gave x̂₀: this one, an earlier one in the last row of a run that ends above σ = 0. */
  estimateFrom: number
  x: FloatArray
  x0: FloatArray
}

/**
 * The one loop that executes step tables. Row i comes when the estimate at level i is known and before the step's other stages are evaluated, so a
 * preview waits for one evaluation only; the last row has no evaluation: its x̂₀ is x itself at σ = 0, else the last estimate.
 * Numbers that are not finite are passed on: whoever reads the rows finds them there and may leave the loop.
 * @returns `stopped` if shouldStop ended it, else `finished`
 * @throws DpmError evaluationFailed where the network's output has another length than the state, and whatever `evaluate` throws
 */
export async function* sample({ plan, prediction, x, label, evaluate, shouldStop = () => false }: SampleRequest): AsyncGenerator<Row, 'finished' | 'stopped', undefined> {
  const { form, steps } = plan
  const buffers = new Buffers(x, plan)
  let evaluations = 0
  let x0 = buffers.estimate
  let estimateFrom = 0

  for (const [row, step] of steps.entries()) {
    // A step that finds its estimate in the history shows it at once; the step before left it in x0.
    if (step.estimate === -1) {
      estimateFrom = row
      yield { row, level: step.from, order: step.order, evaluations, estimateFrom, x: buffers.state, x0 }
    }
    const carried = steps[row + 1]?.estimate === -1 ? step.remember.at(-1) : undefined
    for (const [k, stage] of step.stages.entries()) {
      if (shouldStop()) return 'stopped'
      const input = buffers.input(stage.input)
      const point = { level: stage.level, label: stage.label ?? label(stage.level), evaluation: evaluations + 1 }
      const raw = await evaluate(input, point)
      if (raw.length !== x.length) throw wrongLength(raw.length, x.length)
      evaluations += 1
      const output = buffers.output(k)
      convert(output, input, raw, prediction, form, stage.level)
      if (k === step.estimate || k === carried) x0 = form === 'data' ? output : convert(buffers.estimate, input, raw, prediction, 'data', stage.level)
      if (k === step.estimate) {
        estimateFrom = row
        yield { row, level: step.from, order: step.order, evaluations, estimateFrom, x: buffers.state, x0 }
      }
    }
    buffers.advance(step.update)
    buffers.remember(step.remember)
  }

  const end = steps.at(-1)?.to
  if (!end) return 'finished'
  const clean = end.sigma === 0
  yield { row: steps.length, level: end, order: 0, evaluations, estimateFrom: clean ? steps.length : estimateFrom, x: buffers.state, x0: clean ? buffers.state : x0 }
  return 'finished'
}

/** Writes ε or x̂₀ (as `form` says) to `out`. The network's array is never kept: it may be reused by whoever made it. */
function convert(out: FloatArray, state: FloatArray, raw: FloatArray, prediction: PredictionType, form: Form, level: Level): FloatArray {
  const c = conversion(prediction, form, level)
  if (c.state === 0) combine(out, [c.output], [raw])
  else combine(out, [c.state, c.output], [state, raw])
  return out
}

function wrongLength(got: number, expected: number): DpmError {
  return new DpmError({
    reason: 'evaluationFailed', message: `The network returned ${got} values for a state of ${expected}.`,
    advice: 'Choose a model whose output has the shape of its sample input.', remedy: { title: 'Select Model…', command: 'selectModel' },
  })
}

/** All tensors of a run, made once: the state and the next state, stage outputs, remembered outputs. */
class Buffers {
  state: FloatArray
  readonly estimate: FloatArray
  private next: FloatArray
  private readonly stageInput: FloatArray
  private readonly outputs: FloatArray[]
  /** Newest first. */
  private readonly history: FloatArray[] = []
  private readonly spare: FloatArray[]
  private readonly coefficients: number[] = []
  private readonly terms: FloatArray[] = []

  constructor(x: FloatArray, { steps }: Pick<Plan, 'steps'>) {
    const make = (): FloatArray => x instanceof Float64Array ? new Float64Array(x.length) : new Float32Array(x.length)
    const longest = (count: (step: Plan['steps'][number]) => number): number => steps.reduce((most, step) => Math.max(most, count(step)), 0)
    const past = longest((step) => [...step.update, ...step.stages.flatMap(({ input }) => input)].reduce((most, { of }) => Math.max(most, typeof of === 'object' && 'past' in of ? of.past + 1 : 0), 0))
    this.state = make()
    this.state.set(x)
    this.next = make()
    this.stageInput = make()
    this.estimate = make()
    this.outputs = Array.from({ length: longest((step) => step.stages.length) }, make)
    this.spare = Array.from({ length: past }, make)
  }

  /** A stage's input: the state itself where that is all it is. */
  input(terms: readonly Term[]): FloatArray {
    const [only] = terms
    if (terms.length === 1 && only?.of === 'state' && only.coefficient === 1) return this.state
    this.sum(this.stageInput, terms)
    return this.stageInput
  }

  output(stage: number): FloatArray { return this.outputs[stage]! }

  advance(update: readonly Term[]): void {
    this.sum(this.next, update)
    const state = this.state
    this.state = this.next
    this.next = state
  }

  /** Stage outputs join the history, oldest first; the buffers that fall out of it serve the stages. */
  remember(stages: readonly number[]): void {
    for (const stage of stages) {
      const free = this.spare.pop() ?? this.history.pop()
      if (!free) return
      this.history.unshift(this.outputs[stage]!)
      this.outputs[stage] = free
    }
  }

  private sum(out: FloatArray, terms: readonly Term[]): void {
    let count = 0
    for (const { of, coefficient } of terms) {
      this.coefficients[count] = coefficient
      this.terms[count] = this.bufferOf(of)
      count += 1
    }
    combine(out, this.coefficients, this.terms, count)
  }

  private bufferOf(of: Of): FloatArray {
    if (of === 'state') return this.state
    if ('stage' in of) return this.outputs[of.stage]!
    const remembered = 'past' in of ? this.history[of.past] : undefined
    if (!remembered) throw new RangeError(`a step asks for ${JSON.stringify(of)}, which this loop does not hold`)
    return remembered
  }
}
