import { begin, distance, firstWidth, judge, scaledNorm, trialWidth, type Memory } from './adaptive'
import { Buffers, needsOf } from './buffers'
import { converter } from './convert'
import { DpmError } from './errors'
import type { LanePlace, LanePosition, LoopMemory } from './memory'
import { rateAt, orderOf, rungeKuttaStep } from './methods/rungeKutta'
import { embeddedPair } from './methods/singlestep'
import type { EvaluationPoint, SampleRequest } from './sample'
import { t } from './text'
import type { AdaptivePlan, FloatArray, Level, NoiseSchedule, Step } from './types'

/** One attempt at a step. */
export interface Attempt {
  items: readonly number[]
  from: Level
  to: Level
  /** In units of the tolerance. */
  error: number
  accepted: boolean
  /** How wide the next attempt is to be, in the variable of the steps. */
  next: number
}

/** Attempts of one lane after which its tolerances are taken to be out of reach. */
const mostAttempts = 10_000

export const orderOfPair = ({ pair }: AdaptivePlan): number => pair === 'dpm12' ? 2 : pair === 'dpm23' ? 3 : orderOf(pair)

interface Ask { input: FloatArray; level: Level }

/** One lane: a process that asks for evaluations and takes their results, until it arrives. */
export class Lane {
  level: Level
  evaluations = 0
  accepted = 0
  rejected = 0
  /** What the lane wants evaluated. */
  ask: Ask | undefined
  /** The state and the estimate at `level` have just become known. */
  isNew = false
  /** What it wants has been evaluated, and it has not gone on yet. */
  answered = false
  estimate: FloatArray
  private readonly process: Generator<Ask, void, undefined>
  private readonly buffers: Buffers
  private readonly convert: ReturnType<typeof converter>
  private readonly high: FloatArray
  private readonly low: FloatArray
  private readonly gap: FloatArray
  /** What the authors' and k-diffusion's codes compare with: the last accepted solution of the lower order. */
  private readonly before: FloatArray
  /** What is being evaluated. */
  private position: LanePosition = { phase: 'begin', stage: 0, control: null, known: false }
  /** Of a lane that goes on where a run was stopped, until it has done so. */
  private resumed: LanePlace | undefined
  /** Takes the values that are being waited for. */
  private receive: (values: FloatArray, point: EvaluationPoint) => void = () => undefined

  /** @param resume what `place` and `copies` gave of the lane where the run was stopped */
  constructor(readonly items: readonly number[], x: FloatArray, private readonly plan: AdaptivePlan, private readonly request: SampleRequest, resume?: { place: LanePlace; tensors: LoopMemory['tensors'] }) {
    this.level = plan.from
    this.estimate = x.slice()
    this.high = x.slice()
    this.low = x.slice()
    this.gap = x.slice()
    this.before = x.slice()
    const runge = plan.pair === 'rk23' || plan.pair === 'rk45'
    // Any two levels tell what the steps need.
    const isOneOfMany = items.length < (request.items ?? 1)
    this.buffers = new Buffers(x, { ...needsOf([this.stepTo(plan.to)]), ...(runge ? { past: 1 } : {}) }, undefined, request.secondOutput !== undefined, isOneOfMany)
    this.convert = converter({ ...request, x, ...(request.secondOutput ? { secondOutput: { items: items.length } } : {}) }, this.buffers)
    if (resume) this.recall(resume.place, resume.tensors)
    this.process = runge ? this.rungeKutta(resume?.place.position) : this.exponential(resume?.place.position)
  }

  get state(): FloatArray { return this.buffers.state }

  /** Goes on to the next evaluation it needs; false where it has arrived. */
  next(): boolean {
    this.isNew = false
    this.answered = false
    const { value, done } = this.process.next()
    this.ask = done ? undefined : value
    if (this.resumed) ({ isNew: this.isNew, answered: this.answered } = this.resumed)
    this.resumed = undefined
    return done !== true
  }

  /** Where it stands, beside its tensors (`copies`). */
  get place(): LanePlace {
    const { level, evaluations, accepted, rejected, isNew, answered, position } = this
    return { level, evaluations, accepted, rejected, isNew, answered, position }
  }

  copies(): LoopMemory['tensors'] {
    return { ...this.buffers.copies(this.position.stage + (this.answered ? 1 : 0)), estimate: this.estimate.slice(), before: this.before.slice() }
  }

  private recall(place: LanePlace, tensors: LoopMemory['tensors']): void {
    const { from, to } = this.plan
    // The ends are known by being the plan's own objects.
    this.level = [from, to].find(({ t, lambda }) => t === place.level.t && lambda === place.level.lambda) ?? place.level
    ;({ evaluations: this.evaluations, accepted: this.accepted, rejected: this.rejected, position: this.position } = place)
    this.buffers.restore(tensors, 0)
    for (const [name, buffer] of [['estimate', this.estimate], ['before', this.before]] as const) if (tensors[name]?.length === buffer.length) buffer.set(tensors[name])
    this.resumed = place
  }

  /** @param values what the network returned; it may reuse them before the lane goes on */
  take(values: FloatArray, point: EvaluationPoint): void {
    this.evaluations += 1
    this.receive(values, point)
    this.answered = true
  }

  /** An evaluation of stage k; its output is in the buffers when the lane goes on. */
  private *evaluate(k: number, input: FloatArray, level: Level, shown: boolean): Generator<Ask, void, undefined> {
    this.receive = (values, point) => {
      const estimate = this.convert(k, input, values, point, shown)
      if (shown) this.estimate.set(estimate)
      if (k === 0 && shown && level === this.level) this.isNew = true
    }
    yield { input, level }
  }

  /** DPM-Solver-12 and -23: steps in λ, the output at the start kept for a second attempt (the other programs evaluate it again). */
  private *exponential(at?: LanePosition): Generator<Ask, void, undefined> {
    const { plan } = this
    const k = orderOfPair(plan)
    const keeps = plan.controller.kind === 'pi'
    let control = at?.control ?? begin(plan.first)
    let known = at?.known ?? false
    let done = at?.stage ?? 0
    while (!this.hasArrived()) {
      const { width, to } = this.reach(control.width)
      const step = this.stepTo(to)
      for (const [index, stage] of step.stages.entries()) {
        if (index < done || index === 0 && known && keeps) continue
        this.position = { phase: 'step', stage: index, control, known }
        yield* this.evaluate(index, this.buffers.input(stage.input), stage.level, index === step.estimate && !known)
        if (index === 0) known = true
      }
      done = 0
      control = this.conclude(step, k, control, width)
      if (this.level === to) known = false
    }
  }

  /** A pair of explicit Runge–Kutta methods. The outputs at both ends of a step are those of its neighbours. */
  private *rungeKutta(at?: LanePosition): Generator<Ask, void, undefined> {
    const { plan, buffers } = this
    const k = orderOfPair(plan)
    const whole = Math.abs(plan.to[plan.variable] - plan.from[plan.variable])
    if (!at || at.phase === 'begin') yield* this.renew('begin', null)
    let control = at?.control ?? begin(yield* this.firstWidth(k, whole))
    if (at?.phase === 'renew') yield* this.renew('renew', control)
    let done = at?.phase === 'step' ? at.stage : 0
    while (!this.hasArrived()) {
      const { width, to } = this.reach(control.width)
      const step = this.stepTo(to)
      for (const [index, stage] of step.stages.entries()) {
        if (index < done) continue
        this.position = { phase: 'step', stage: index, control, known: true }
        yield* this.evaluate(index, buffers.input(stage.input), stage.level, index === step.stages.length - 1)
      }
      done = 0
      control = this.conclude(step, k, control, width)
      if (this.level !== to) continue
      this.isNew = true
      // The output at the new level is of a state that has been changed since.
      if (this.request.correctState && !this.hasArrived()) yield* this.renew('renew', control)
    }
  }

  /** The output at the level where it is. */
  private *renew(phase: 'begin' | 'renew', control: Memory | null): Generator<Ask, void, undefined> {
    this.position = { phase, stage: 0, control, known: false }
    yield* this.evaluate(0, this.buffers.state, this.level, true)
    this.buffers.remember([0])
  }

  /** scipy's choice: one trial step of Euler's method. */
  private *firstWidth(k: number, whole: number): Generator<Ask, number, undefined> {
    const { plan, buffers } = this
    const tolerance = plan
    const { state } = buffers
    const rate = rateAt(schedule(this.request), plan.from, plan.variable)
    const slope = this.high
    buffers.sum(slope, [{ of: 'state', coefficient: rate.state }, { of: { past: 0 }, coefficient: rate.noise }])
    const slopeNorm = scaledNorm(tolerance, (i) => slope[i]!, state)
    const trial = trialWidth(scaledNorm(tolerance, (i) => state[i]!, state), slopeNorm, whole)
    const level = this.along(trial)
    const signed = Math.sign(plan.to[plan.variable] - plan.from[plan.variable]) * trial
    this.position = { phase: 'trial', stage: 0, control: null, known: true }
    yield* this.evaluate(0, buffers.input([{ of: 'state', coefficient: 1 + signed * rate.state }, { of: { past: 0 }, coefficient: signed * rate.noise }]), level, false)
    const there = rateAt(schedule(this.request), level, plan.variable)
    const slope1 = this.low
    // The slope at the trial's end, whose state is x + h k.
    buffers.sum(slope1, [
      { of: 'state', coefficient: there.state * (1 + signed * rate.state) }, { of: { past: 0 }, coefficient: there.state * signed * rate.noise }, { of: { stage: 0 }, coefficient: there.noise },
    ])
    return firstWidth(trial, slopeNorm, scaledNorm(tolerance, (i) => slope1[i]! - slope[i]!, state) / trial, k, whole)
  }

  /** As far as asked, or to the end where that is nearer. */
  private reach(asked: number): { width: number; to: Level } {
    const { to, variable } = this.plan
    const rest = Math.abs(to[variable] - this.level[variable])
    return asked < rest ? { width: asked, to: this.along(asked) } : { width: rest, to }
  }

  /** The level at a distance from where the lane is, towards the end. */
  private along(width: number): Level {
    const { plan } = this
    const at = this.level[plan.variable] + Math.sign(plan.to[plan.variable] - plan.from[plan.variable]) * width
    return plan.variable === 't' ? schedule(this.request).level(at) : schedule(this.request).levelAtLambda(at)
  }

  private stepTo(to: Level): Step {
    const { pair, variant, variable } = this.plan
    if (pair === 'rk23' || pair === 'rk45') return rungeKuttaStep(pair, schedule(this.request), this.level, to, variable)
    const levelAtLambda = (lambda: number): Level => schedule(this.request).levelAtLambda(lambda)
    return embeddedPair(this.request.plan.form, pair === 'dpm12' ? 2 : 3, variant)({ from: this.level, to, index: 0, count: 1, past: [], levelAtLambda }, {})
  }

  /** Compares the two solutions and takes the step, or not. */
  private conclude(step: Step, k: number, memory: Memory, width: number): Memory {
    const { plan, buffers } = this
    buffers.sum(this.high, step.update)
    buffers.sum(this.low, step.embedded ?? step.update)
    const classic = plan.controller.kind === 'authors' || plan.controller.kind === 'pid'
    const { gap, high, low } = this
    buffers.sum(gap, step.error ?? [])
    const error = distance(plan.controller, plan, { gap, high, low, before: classic ? this.before : buffers.state }, this.items.length)
    const next = judge(plan.controller, k, memory, width, error)
    this.request.onAttempt?.({ items: this.items, from: step.from, to: step.to, error, accepted: next.accepted, next: next.width })
    if (next.accepted) {
      buffers.advance(step.update)
      buffers.remember(step.remember)
      if (classic) this.before.set(this.low)
      this.level = step.to
      this.accepted += 1
      this.request.correctState?.(buffers.state, step.to, this.accepted, this.items)
    } else {
      this.rejected += 1
    }
    // Narrower, a step's inner levels would be the same number as its ends.
    const least = 1e-13 * Math.abs(plan.to[plan.variable] - plan.from[plan.variable])
    if (this.accepted + this.rejected >= mostAttempts || next.width < least) throw outOfReach(plan)
    if (Number.isNaN(error)) throw notFinite()
    return next
  }

  /** The authors' code stops 1e-5 before the end in t, k-diffusion's in λ; steps that reach the end land on it. */
  private hasArrived(): boolean {
    const { plan, level } = this
    if (level === plan.to) return true
    const { kind } = plan.controller
    return kind === 'authors' ? Math.abs(level.t - plan.to.t) <= 1e-5 : kind === 'pid' && Math.abs(level.lambda - plan.to.lambda) <= 1e-5
  }
}

function schedule({ schedule }: SampleRequest): NoiseSchedule {
  if (!schedule) throw new RangeError('an adaptive run needs the noise schedule')
  return schedule
}

function notFinite(): DpmError {
  return new DpmError({ reason: 'nonFinite', message: t('The states of the run are not finite numbers any more.'), advice: t('Use another algorithm, or check what the network predicts.') })
}

function outOfReach({ atol, rtol }: AdaptivePlan): DpmError {
  return new DpmError({
    reason: 'evaluationFailed', field: 'solver.options.rtol', message: t('No step is small enough for the tolerances atol {0} and rtol {1}.', atol, rtol), advice: t('Use larger tolerances.'),
    remedy: { title: t('Use the Usual Tolerances'), set: { 'solver.options': {} } },
  })
}
