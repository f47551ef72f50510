import { Lane, orderOfPair } from './lane'
import { named, under, type LanePlace, type LoopMemory } from './memory'
import type { EvaluationPoint, Row, SampleRequest } from './sample'
import type { AdaptivePlan, FloatArray, Level } from './types'

/** Where one batch item of an adaptive run is. */
export interface LaneReport {
  item: number
  level: Level
  /** Evaluations made for it so far. */
  evaluations: number
  accepted: number
  rejected: number
}

/** How the adaptive part of a run ended: where its items are, for the steps that follow. */
export interface Arrival { outcome: 'finished' | 'stopped'; x: FloatArray; x0: FloatArray; rows: number; evaluations: number }

/**
 * The adaptive part of a run. Lanes that are ready together share an evaluation where the network takes a time for each item (`laneTimes`), else they are evaluated one
 * after the other. A row tells of the items whose state and estimate are new; the others are shown as they were.
 */
export async function* adaptively(request: SampleRequest, adaptive: AdaptivePlan): AsyncGenerator<Row, Arrival, undefined> {
  const { x, label, evaluate, shouldStop = () => false, onStop, items = 1, laneTimes = false, resume } = request
  const size = x.length / items
  const all = { x: (resume?.tensors['x'] ?? x).slice(), x0: (resume?.tensors['x0'] ?? x).slice() }
  const lanes = (adaptive.together ? [Array.from({ length: items }, (_, item) => item)] : Array.from({ length: items }, (_, item) => [item]))
    .map((own, k) => new Lane(own, x.slice(own[0]! * size, (own.at(-1)! + 1) * size), adaptive, request, resume && laneOf(resume, k)))
  let { evaluations, rows } = resume ?? { evaluations: 0, rows: 0 }

  for (let ready = lanes.filter((lane) => lane.next()); ready.length > 0; ready = ready.filter((lane) => lane.next())) {
    const waiting = ready.filter(({ answered }) => !answered)
    for (const group of !laneTimes ? waiting.map((lane) => [lane]) : waiting.length > 0 ? [waiting] : []) {
      if (shouldStop()) {
        onStop?.(memory())
        return { outcome: 'stopped', ...all, rows, evaluations }
      }
      evaluations += 1
      await evaluateTogether(group, evaluations)
    }
    const arrived = ready.filter((lane) => lane.isNew)
    if (arrived.length === 0) continue
    for (const lane of arrived) {
      all.x.set(lane.state, lane.items[0]! * size)
      all.x0.set(lane.estimate, lane.items[0]! * size)
    }
    const { level } = arrived[0]!
    yield {
      row: rows, level, order: orderOfPair(adaptive), evaluations, estimateFrom: rows, ...all,
      lanes: arrived.flatMap((lane) => lane.items.map((item) => ({ item, level: lane.level, evaluations: lane.evaluations, accepted: lane.accepted, rejected: lane.rejected }))),
    }
    rows += 1
  }
  for (const lane of lanes) all.x.set(lane.state, lane.items[0]! * size)
  return { outcome: 'finished', ...all, rows, evaluations }

  function memory(): LoopMemory {
    return {
      rows, evaluations, place: { part: 'lanes', lanes: lanes.map((lane) => lane.place) },
      tensors: { x: all.x.slice(), x0: all.x0.slice(), ...Object.assign({}, ...lanes.map((lane, k) => named(`lane.${k}.`, lane.copies()))) as LoopMemory['tensors'] },
    }
  }

  async function evaluateTogether(group: readonly Lane[], evaluation: number): Promise<void> {
    const asks = group.map(({ ask }) => ask!)
    const points = group.map((lane, k): EvaluationPoint => ({ level: asks[k]!.level, label: label(asks[k]!.level), evaluation, items: lane.items }))
    const input = asks.length === 1 ? asks[0]!.input : joined(asks.map((ask) => ask.input))
    const together: EvaluationPoint = {
      ...points[0]!, items: group.flatMap((lane) => lane.items),
      ...(laneTimes ? { labels: group.flatMap((lane, k) => lane.items.map(() => points[k]!.label)), levels: group.flatMap((lane, k) => lane.items.map(() => asks[k]!.level)) } : {}),
    }
    const raw = await evaluate(input, together)
    const share = raw.length / input.length
    let at = 0
    group.forEach((lane, k) => {
      const length = asks[k]!.input.length * share
      lane.take(asks.length === 1 ? raw : raw.subarray(at, at + length), points[k]!)
      at += length
    })
  }
}

/** @throws RangeError where the memory is of a run with fewer lanes, or of another kind */
function laneOf({ place, tensors }: LoopMemory, k: number): { place: LanePlace; tensors: LoopMemory['tensors'] } {
  const lane = place.part === 'lanes' ? place.lanes[k] : undefined
  if (!lane) throw new RangeError(`the memory of the loop has no lane ${k}`)
  return { place: lane, tensors: under(`lane.${k}.`, tensors) }
}

function joined(parts: readonly FloatArray[]): FloatArray {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = parts[0] instanceof Float64Array ? new Float64Array(length) : new Float32Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
