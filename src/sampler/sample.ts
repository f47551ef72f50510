import { Buffers, incrementsOf, needsOf } from './buffers'
import { converter } from './convert'
import type { Attempt } from './lane'
import { adaptively, type LaneReport } from './lanes'
import type { LoopMemory } from './memory'
import type { NoiseSource } from './random/source'
import type { FloatArray, Level, NoiseSchedule, Plan, PredictionType } from './types'

/** Where the network is asked. */
export interface EvaluationPoint {
  level: Level
  /** The time to feed the network, in terms of its own schedule. */
  label: number
  /** 1 for the first evaluation of the run. */
  evaluation: number
  /** In an adaptive run `x` holds these batch items only, one after the other. */
  items?: readonly number[]
  /** Where its items are at times of their own (`laneTimes`): the label and the level of each; `label` and `level` are the first one's. */
  labels?: readonly number[]
  levels?: readonly Level[]
}

/**
 * One evaluation of the network, guidance included: its own kind of output for the whole batch. `x` (B·C·H·W) is lent for the call and must not be changed;
 * the result has the same length, is read before the next call and is not kept. What it throws ends the run.
 */
export type Evaluate = (x: FloatArray, at: EvaluationPoint) => FloatArray | Promise<FloatArray>

export interface SampleRequest {
  plan: Pick<Plan, 'form' | 'steps' | 'adaptive'>
  /** What the network predicts. */
  prediction: PredictionType
  /** x_T, B·C·H·W; not changed. The whole run computes in its kind of numbers. */
  x: FloatArray
  /** The network's time label at a level (see timeLabel). */
  label: (level: Level) => number
  evaluate: Evaluate
  /** Where the plan's noise comes from; its items are those of the batch. Not needed where the plan has none. */
  noise?: NoiseSource
  /** The network returns twice as many values: for each of `items`, its prediction and then a second output of the same length (learned variance). */
  secondOutput?: { items: number }
  /** Changes every x̂₀ before the method sees it, in place: thresholding, clipping. A method in noise form gets the ε that belongs to the changed x̂₀. */
  correctEstimate?: (x0: FloatArray, at: EvaluationPoint) => void
  /** Changes the state after every step, in place, before the next evaluation: a mask, clipping. `row` is the one that begins with it; in an adaptive run x holds `items` only. */
  correctState?: (x: FloatArray, level: Level, row: number, items?: readonly number[]) => void
  /** Batch items in x, 1 if nothing is said: an adaptive run takes each along its own steps. */
  items?: number
  /** An adaptive run looks levels up in it. */
  schedule?: NoiseSchedule
  /** `evaluate` takes items at times of their own, so that an adaptive run can evaluate them together. */
  laneTimes?: boolean
  /** Told of every attempt of an adaptive run. */
  onAttempt?: (attempt: Attempt) => void
  /** Asked before every evaluation: true ends the run there, and the rows so far stand. */
  shouldStop?: () => boolean
  /** Told at such an end what it takes to go on from there. */
  onStop?: (memory: LoopMemory) => void
  /** What `onStop` was told by a run of the same plan and x: goes on from there, with the row after those it gave. */
  resume?: LoopMemory
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
  /** Of an adaptive run: the items that this row tells of, each at its own level; `level` is the first one's. */
  lanes?: readonly LaneReport[]
}

/**
 * The one loop that executes step tables. Row i comes when the estimate at level i is known and before the step's other stages are evaluated, so a
 * preview waits for one evaluation only; the last row has no evaluation: its x̂₀ is x itself at σ = 0, else the last estimate.
 * Numbers that are not finite are passed on: whoever reads the rows finds them there and may leave the loop.
 * @returns `stopped` if shouldStop ended it, else `finished`
 * @throws RangeError where `resume` is of another run, DpmError evaluationFailed where the network's output has another length than the state, and whatever `evaluate` throws
 */
export async function* sample(request: SampleRequest): AsyncGenerator<Row, 'finished' | 'stopped', undefined> {
  const { plan: { adaptive }, resume } = request
  if (!adaptive || resume?.place.part === 'steps') return yield* alongSteps(request, { x: request.x, rows: resume?.place.part === 'steps' ? resume.place.firstRow : 0, evaluations: 0 })
  const arrival = yield* adaptively(request, adaptive)
  if (arrival.outcome === 'stopped') return 'stopped'
  const { x, x0, rows, evaluations } = arrival
  if (request.plan.steps.length > 0) return yield* alongSteps(request, { x, rows, evaluations })
  yield { row: rows, level: adaptive.to, order: 0, evaluations, estimateFrom: rows - 1, x, x0 }
  return 'finished'
}

/** @param before where an adaptive part left the run */
async function* alongSteps(request: SampleRequest, before: { x: FloatArray; rows: number; evaluations: number }): AsyncGenerator<Row, 'finished' | 'stopped', undefined> {
  const { plan: { steps }, label, evaluate, noise, secondOutput, correctState, shouldStop = () => false, onStop, resume } = request
  const { x } = before
  const buffers = new Buffers(x, needsOf(steps), noise, secondOutput !== undefined)
  const convert = converter(request, buffers)
  const place = resume?.place.part === 'steps' ? resume.place : undefined
  let { evaluations } = resume && place ? resume : before
  let x0 = buffers.estimate
  let estimateFrom = before.rows
  if (resume && place) {
    buffers.restore(resume.tensors, incrementsOf(steps.slice(0, place.step)))
    if (resume.tensors['estimate']) x0.set(resume.tensors['estimate'])
    ;({ estimateFrom } = place)
  }

  for (const [index, step] of steps.entries()) {
    if (place && index < place.step) continue
    const row = before.rows + index
    const resumed = place?.step === index ? place : undefined
    // A step that finds its estimate in the history shows it at once; the step before left it in x0.
    if (step.estimate === -1 && !resumed) {
      estimateFrom = row
      yield { row, level: step.from, order: step.order, evaluations, estimateFrom, x: buffers.state, x0 }
    }
    const carried = steps[index + 1]?.estimate === -1 ? step.remember.at(-1) : undefined
    for (const [k, stage] of step.stages.entries()) {
      if (resumed && k < resumed.stage) {
        buffers.input(stage.input) // draws what noise it drew, in its turn
        continue
      }
      if (shouldStop()) {
        const given = step.estimate === -1 || k > step.estimate
        onStop?.({ rows: row + (given ? 1 : 0), evaluations, place: { part: 'steps', firstRow: before.rows, step: index, stage: k, estimateFrom }, tensors: { ...buffers.copies(k), estimate: x0.slice() } })
        return 'stopped'
      }
      const input = buffers.input(stage.input)
      const point = { level: stage.level, label: stage.label ?? label(stage.level), evaluation: evaluations + 1 }
      const raw = await evaluate(input, point)
      evaluations += 1
      const shown = k === step.estimate || k === carried
      const estimate = convert(k, input, raw, point, shown)
      if (shown) x0 = estimate
      if (k === step.estimate) {
        estimateFrom = row
        yield { row, level: step.from, order: step.order, evaluations, estimateFrom, x: buffers.state, x0 }
      }
    }
    // At σ = 0 a first-order step is x ← x̂₀, unless noise has a part in it; in noise form its coefficients say so only up to rounding.
    if (step.to.sigma === 0 && step.order === 1 && needsOf([step]).noises === 0) buffers.state.set(x0)
    else buffers.advance(step.update)
    buffers.remember(step.remember)
    correctState?.(buffers.state, step.to, row + 1)
  }

  const end = steps.at(-1)?.to
  if (!end) return 'finished'
  const clean = end.sigma === 0
  const row = before.rows + steps.length
  yield { row, level: end, order: 0, evaluations, estimateFrom: clean ? row : estimateFrom, x: buffers.state, x0: clean ? buffers.state : x0 }
  return 'finished'
}
