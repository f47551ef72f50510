import type { LoopMemory, StepsPlace } from './memory'
import type { FloatArray, Plan } from './types'

/** Where a run can go on that left nothing but its rows. */
export interface Rebuild {
  /** Rows that are not made again: all but the last, where its evaluation is not at hand. */
  rows: number
  evaluations: number
  place: StepsPlace
  /** The last row: its x is the state. Its x̂₀ is the estimate, if only that of its own evaluation: nothing reads it before that is made again. */
  last: number
  /** Rows whose x̂₀ are the remembered outputs, newest first. */
  past: number[]
}

/**
 * What the loop remembered when it began the step of the last recorded row, as far as rows hold it: the state always, remembered outputs of methods in data
 * form (they are the estimates). null where that is not enough to go on exactly: outputs in noise form are not recorded, nor is an adaptive run's control.
 * @param rows rows that are recorded, with those before them; at least 1
 * @param isKept of which of these there are states; of the last there always are
 */
export function rebuildable({ form, steps, adaptive }: Pick<Plan, 'form' | 'steps' | 'adaptive'>, rows: number, isKept: (row: number) => boolean = () => true): Rebuild | null {
  const last = rows - 1
  if (adaptive || last < 0 || last > steps.length) return null
  // Oldest first: the rows that show the remembered outputs, undefined where none does.
  const remembered = steps.slice(0, last).flatMap(({ remember, estimate }, s) => remember.map((stage) => {
    if (stage === estimate) return s
    return steps[s + 1]?.estimate === -1 && stage === remember.at(-1) ? s + 1 : undefined
  }))
  const past = remembered.reverse().slice(0, reach(steps.slice(last)))
  if (past.length > 0 && form !== 'data' || past.some((row) => row === undefined || !isKept(row))) return null
  const shown = steps[last]?.estimate === -1
  return {
    rows: shown ? rows : last, evaluations: steps.slice(0, last).reduce((sum, { stages }) => sum + stages.length, 0),
    place: { part: 'steps', firstRow: 0, step: last, stage: 0, estimateFrom: shown ? last : Math.max(0, last - 1) }, last, past: past as number[],
  }
}

/** How many of the outputs that are remembered before some steps these look back at. */
function reach(steps: Plan['steps']): number {
  let added = 0
  let most = 0
  for (const { stages, update, remember } of steps) {
    for (const { of } of [...update, ...stages.flatMap(({ input }) => input)]) if (typeof of === 'object' && 'past' in of) most = Math.max(most, of.past + 1 - added)
    added += remember.length
  }
  return most
}

/** The memory that is rebuilt from the rows' states. */
export function rebuilt({ rows, evaluations, place, last, past }: Rebuild, read: (row: number, which: 'x' | 'x0') => FloatArray): LoopMemory {
  return {
    rows, evaluations, place,
    tensors: { state: read(last, 'x'), estimate: read(last, 'x0'), ...Object.fromEntries(past.map((row, k) => [`past.${k}`, read(row, 'x0')])) },
  }
}
