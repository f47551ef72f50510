import { combine } from './combine'
import { clockTime } from './random/clock'
import type { NoiseSource } from './random/source'
import { plainTensors, tensors } from './simd'
import type { FloatArray, Form, Of, Step, Term } from './types'

/** How many tensors of each kind the steps of a run need. */
export interface Needs {
  stages: number
  past: number
  /** Different noises in one step. */
  noises: number
  /** Terms of one sum that a second output scales. */
  scaled: number
  /** In which form outputs before thresholding or clipping are asked for; one for the whole run. */
  raw?: Form
}

/** What the steps of a plan need. */
export function needsOf(steps: readonly Step[]): Needs {
  const needs: Needs = { stages: 0, past: 0, noises: 0, scaled: 0 }
  for (const step of steps) {
    needs.stages = Math.max(needs.stages, step.stages.length)
    let noises = 0
    for (const terms of [step.update, ...step.stages.map(({ input }) => input)]) {
      needs.scaled = Math.max(needs.scaled, terms.filter(({ scaledBy }) => scaledBy).length)
      for (const { of } of terms) {
        if (typeof of !== 'object') continue
        if ('past' in of) needs.past = Math.max(needs.past, of.past + 1)
        else if (!('stage' in of)) noises += 1
        else if (of.raw) needs.raw = of.raw
      }
    }
    needs.noises = Math.max(needs.noises, noises)
  }
  return needs
}

/** How many increments of Brownian paths steps take. */
export function incrementsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { update, stages }) => {
    const taken: Brownian[] = []
    for (const { of } of [...stages.flatMap(({ input }) => input), ...update]) {
      if (typeof of === 'object' && 'brownian' in of && !taken.some((other) => samePath(of, other))) taken.push(of)
    }
    return sum + taken.length
  }, 0)
}

type Noise = Exclude<Of, 'state' | { stage: number } | { past: number }>
type Brownian = Extract<Noise, { brownian: unknown }>

/** All tensors of a run, made once: the state and the next state, stage outputs, remembered outputs, noises. */
export class Buffers {
  state: FloatArray
  readonly estimate: FloatArray
  /** Outputs before thresholding or clipping, where a step asks for them, in the form `raw`. */
  readonly raws: FloatArray[]
  readonly raw: Form | undefined
  /** Second outputs of the stages (learned variance), where the network has them. */
  readonly seconds: FloatArray[]
  private next: FloatArray
  private readonly stageInput: FloatArray
  private readonly outputs: FloatArray[]
  /** Newest first. */
  private readonly history: FloatArray[] = []
  private readonly spare: FloatArray[]
  private readonly scaled: FloatArray[]
  private readonly noises: FloatArray[]
  /** What noise this step has drawn so far, in the order of `noises`. */
  private readonly drawn: Noise[] = []
  /** How many increments of Brownian paths the run has taken. */
  private increments = 0
  private readonly coefficients: number[] = []
  private readonly terms: FloatArray[] = []

  /**
   * @param source needed where there are noises; its items share the state evenly
   * @param many where a run has many of these, each with a small part of it: they get no memory of their own, of which a process can have few
   */
  constructor(x: FloatArray, needs: Needs, private readonly source?: NoiseSource, secondOutput = false, many = false) {
    if (needs.noises > 0 && !source) throw new RangeError('a run with noise needs a noise source')
    const counts = { own: 4, outputs: needs.stages, spare: needs.past, raws: needs.raw ? needs.stages : 0, seconds: secondOutput ? needs.stages : 0, scaled: needs.scaled, noises: needs.noises }
    const count = Object.values(counts).reduce((sum, value) => sum + value, 0)
    const all: FloatArray[] = x instanceof Float64Array ? Array.from({ length: count }, () => new Float64Array(x.length)) : (many ? plainTensors : tensors)(count, x.length)
    const [state, next, stageInput, estimate] = all.splice(0, counts.own) as [FloatArray, FloatArray, FloatArray, FloatArray]
    this.state = state
    this.state.set(x)
    this.next = next
    this.stageInput = stageInput
    this.estimate = estimate
    this.outputs = all.splice(0, counts.outputs)
    this.spare = all.splice(0, counts.spare)
    this.raw = needs.raw
    this.raws = all.splice(0, counts.raws)
    this.seconds = all.splice(0, counts.seconds)
    this.scaled = all.splice(0, counts.scaled)
    this.noises = all
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
    this.drawn.length = 0
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

  /** Another combination of what is here: the embedded solution of a step. */
  sum(out: FloatArray, terms: readonly Term[]): void {
    let count = 0
    let scaled = 0
    for (const { of, coefficient, scaledBy } of terms) {
      const buffer = this.bufferOf(of)
      this.coefficients[count] = coefficient
      this.terms[count] = scaledBy ? this.scale(this.scaled[scaled++]!, buffer, scaledBy) : buffer
      count += 1
    }
    combine(out, this.coefficients, this.terms, count)
  }

  /** Copies of what the rest of a run needs, where `stages` outputs of the step under way are there. */
  copies(stages: number): Record<string, FloatArray> {
    const numbered = (name: string, buffers: readonly FloatArray[]): [string, FloatArray][] => buffers.map((buffer, k) => [`${name}.${k}`, buffer.slice()])
    return Object.fromEntries([
      ['state', this.state.slice()] as [string, FloatArray], ...numbered('past', this.history),
      ...numbered('output', this.outputs.slice(0, stages)), ...numbered('raw', this.raws.slice(0, stages)), ...numbered('second', this.seconds.slice(0, stages)),
    ])
  }

  /**
   * Puts such copies back, before anything else was done here.
   * @param increments how many increments of Brownian paths the run took in the steps before
   * @throws RangeError where the copies are of another run
   */
  restore(tensors: Readonly<Record<string, FloatArray>>, increments: number): void {
    this.increments = increments
    const put = (buffer: FloatArray | undefined, name: string): void => {
      const values = tensors[name]
      if (!buffer || values?.length !== buffer.length) throw new RangeError(`the memory of the loop has no ${name} that fits this run`)
      buffer.set(values)
    }
    put(this.state, 'state')
    for (let k = 0; tensors[`past.${k}`]; k++) {
      const buffer = this.spare.pop()
      put(buffer, `past.${k}`)
      this.history.push(buffer!)
    }
    for (const [kind, buffers] of [['output', this.outputs], ['raw', this.raws], ['second', this.seconds]] as const) {
      for (let k = 0; tensors[`${kind}.${k}`]; k++) put(buffers[k], `${kind}.${k}`)
    }
  }

  private bufferOf(of: Of): FloatArray {
    if (of === 'state') return this.state
    if ('stage' in of) return of.raw ? this.raws[of.stage]! : this.outputs[of.stage]!
    if (!('past' in of)) return this.noise(of)
    const remembered = this.history[of.past]
    if (!remembered) throw new RangeError(`a step asks for ${JSON.stringify(of)}, which this loop does not hold`)
    return remembered
  }

  /** factor·exp(exponent·v), v the stage's second output. */
  private scale(out: FloatArray, buffer: FloatArray, { stage, exponent }: NonNullable<Term['scaledBy']>): FloatArray {
    const v = this.seconds[stage]
    if (!v) throw new RangeError('a step asks for a second output, which this network does not have')
    for (let i = 0; i < out.length; i++) out[i] = buffer[i]! * Math.exp(exponent * v[i]!)
    return out
  }

  private noise(of: Noise): FloatArray {
    const known = this.drawn.findIndex((other) => same(of, other))
    if (known >= 0) return this.noises[known]!
    const buffer = this.noises[this.drawn.length]!
    this.drawn.push(of)
    const source = this.source!
    const size = buffer.length / source.items
    const path = 'brownian' in of ? of : undefined
    if (path) this.increments += 1
    for (let item = 0; item < source.items; item++) {
      const out = source.items === 1 ? buffer : buffer.subarray(item * size, (item + 1) * size)
      if (path) source.increment(out, clockTime(path.brownian[0], path.clock), clockTime(path.brownian[1], path.clock), this.increments, item)
      else if ('draw' in of) source.draw(out, of.draw, item)
    }
    return buffer
  }
}

function same(a: Noise, b: Noise): boolean {
  if ('draw' in a || 'draw' in b) return 'draw' in a && 'draw' in b && a.draw === b.draw
  return samePath(a, b)
}

const samePath = (a: Brownian, b: Brownian): boolean => a.brownian.every(({ t, lambda }, i) => t === b.brownian[i]!.t && lambda === b.brownian[i]!.lambda) && (a.clock ?? 1) === (b.clock ?? 1)
