import type { ModelFacts } from '../recipe/model'
import { Network, type NetworkSession } from './network'
import type { Runtime } from './runtime'

/** A label that no table of classes has. */
const beyond = 2 ** 31 - 1

/**
 * How many labels a network knows, for a graph that comes without a config.json: asked for one beyond its table, ONNX Runtime names the range.
 * undefined where it does not (graphics providers do not check).
 */
export async function countLabels(ort: Runtime, session: NetworkSession, facts: ModelFacts): Promise<number | undefined> {
  const items = facts.fixedBatch ?? 1
  try {
    await new Network(ort, session, facts, items, Array<number>(items).fill(beyond)).evaluate(0)
    return undefined
  } catch (error) {
    const highest = /must be within the inclusive range \[-?\d+,(\d+)\]/.exec(String(error))?.[1]
    return highest === undefined ? undefined : Number(highest) + 1
  }
}
