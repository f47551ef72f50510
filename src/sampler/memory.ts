import type { Memory } from './adaptive'
import type { FloatArray, Level } from './types'

/** Where a run along its plan's steps stands: before the evaluation of one stage. */
export interface StepsPlace {
  part: 'steps'
  /** The row that the first of the steps begins with; above 0 where an adaptive part came before. */
  firstRow: number
  step: number
  /** Of that step, the stage to be evaluated next; the outputs of those before it are among the tensors. */
  stage: number
  /** The row whose evaluation gave the estimate. */
  estimateFrom: number
}

/** What a lane of an adaptive run wants to have evaluated: stage `stage` of its step, or an evaluation before its first step or after a correction of its state. */
export interface LanePosition {
  phase: 'begin' | 'trial' | 'step' | 'renew'
  stage: number
  /** null before the first step. */
  control: Memory | null
  /** The output at the lane's level is there already. */
  known: boolean
}

export interface LanePlace {
  level: Level
  evaluations: number
  accepted: number
  rejected: number
  /** Its state and estimate are not in a row yet. */
  isNew: boolean
  /** What it wanted to have evaluated was evaluated. */
  answered: boolean
  position: LanePosition
}

export interface LanesPlace { part: 'lanes'; lanes: LanePlace[] }

/**
 * What the loop remembers between two evaluations: with it, a run that was stopped there goes on as if it had not been. Scalars are plain data; the
 * tensors are copies, by name: `state`, `estimate`, `past.0` (the newest remembered output), `output.0`, …; of a lane behind `lane.0.`.
 * Noise is not in it: it belongs to places, not to a course of events.
 */
export interface LoopMemory {
  /** Rows given so far. */
  rows: number
  evaluations: number
  place: StepsPlace | LanesPlace
  tensors: Readonly<Record<string, FloatArray>>
}

/** The tensors with a prefix before their names. */
export function named(prefix: string, tensors: LoopMemory['tensors']): Record<string, FloatArray> {
  return Object.fromEntries(Object.entries(tensors).map(([name, values]) => [prefix + name, values]))
}

/** Those that have the prefix, without it. */
export function under(prefix: string, tensors: LoopMemory['tensors']): Record<string, FloatArray> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith(prefix)).map(([name, values]) => [name.slice(prefix.length), values]))
}
