import { blobsOf, modelOf, type Distribution } from '../sampler/distribution'
import { flowScale, probabilityFlow, type Flow } from '../sampler/probabilityFlow'
import type { FloatArray, Level } from '../sampler/types'
import type { PointsScene, Positions } from './points'

/** Both states of a row of a run in the plane, as they were recorded. */
export interface PlaneStates { x: FloatArray; x0: FloatArray }

/** Where a row lies; `lanes`: each item at a level of its own, in an adaptive run. */
export interface PlaneRow { level: Level; lanes?: readonly { level: Level }[] }

/** A run in the plane, as far as it is known. */
export interface PlaneRun {
  rows: readonly PlaneRow[]
  /** Where it ends, or would. */
  end: Level
  /** The states of a row; undefined where they are not here. */
  states: (row: number) => PlaneStates | undefined
  /** null where the data's distribution is not known. */
  distribution: Distribution | null
}

/** The exact flow through the rows of a run and to its end: of all items together, or where they are at levels of their own of each alone. */
export type ExactFlow = readonly Flow[]

/** Half the side of the picture of x_t that noise needs: few points of a batch lie beyond. */
const leastHalf = 2.6
const mostHalf = 6

/** The exact probability-flow ODE from where the run started; null where it cannot be known. */
export function exactFlow({ rows, end, states, distribution }: PlaneRun): ExactFlow | null {
  const start = states(0)
  if (!distribution || !start) return null
  const model = modelOf(distribution)
  if (rows.every(({ lanes }) => !lanes)) return [probabilityFlow(model, start.x, [...rows.map(({ level }) => level), end])]
  return Array.from({ length: start.x.length / 2 }, (_, item) => probabilityFlow(model, start.x.slice(2 * item, 2 * item + 2), [...rows.map((row) => levelOf(row, item)), end]))
}

/**
 * The picture of a row: x_t over q_t beside the exact flow, or x̂₀ over the data's density beside where the exact flow ends. Positions are x/√(α² + σ²), which is x on a
 * variance-preserving schedule. null where the row's states are not here.
 */
export function pointsScene(run: PlaneRun, flow: ExactFlow | null, row: number, what: 'x' | 'x0'): PointsScene | null {
  const { rows, distribution } = run
  const at = rows[row]
  const points = positionsAt(run, row, what)
  if (!at || !points) return null
  const before = Array.from({ length: row + 1 }, (_, r) => positionsAt(run, r, what)).filter((positions) => positions !== undefined)
  const trails = eachItem(points, (item) => wayOf(before, item))
  const whole = flow && eachItem(points, (item): [Flow, number] => flow.length > 1 ? [flow[item]!, 0] : [flow[0]!, item])
  const node = (flowOfItem: Flow): number => what === 'x' ? flowOfItem.at[row] ?? 0 : flowOfItem.nodes.length - 1
  const exact = whole && {
    points: whole.flatMap(([own, item]) => [own.nodes[node(own)]![2 * item]!, own.nodes[node(own)]![2 * item + 1]!]),
    paths: what === 'x' ? whole.map(([own, item]) => wayOf(own.nodes.slice(0, node(own) + 1), item)) : [],
  }
  if (what === 'x0') return { half: dataHalf(distribution), density: distribution && { distribution, level: { alpha: 1, sigma: 0 } }, points, trails, exact }
  // Of a run that does not keep row 0 there is one row alone.
  return { half: halfFor(positionsAt(run, 0, 'x') ?? points), density: distribution && { distribution, level: normalised(at.level) }, points, trails, exact }
}

/** Where a run begins: its noise over the density of q_T. */
export function noiseScene(noise: Positions, level: Level, distribution: Distribution | null): PointsScene {
  const points = scaled(noise, () => level)
  return { half: halfFor(points), density: distribution && { distribution, level: normalised(level) }, points, trails: [], exact: null }
}

/** The density of the data, and nothing else. */
export function dataScene(distribution: Distribution | null): PointsScene {
  return { half: dataHalf(distribution), density: distribution && { distribution, level: { alpha: 1, sigma: 0 } }, points: [], trails: [], exact: null }
}

/** Mean distance of the points to where the exact flow has them; null where that is not known. */
export function meanDistance({ points, exact }: PointsScene): number | null {
  if (!exact) return null
  const distances = eachItem(points, (item) => Math.hypot(points[2 * item]! - exact.points[2 * item]!, points[2 * item + 1]! - exact.points[2 * item + 1]!))
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
}

const levelOf = ({ level, lanes }: PlaneRow, item: number): Level => lanes?.[item]?.level ?? level

const eachItem = <T>(positions: Positions, make: (item: number) => T): T[] => Array.from({ length: positions.length / 2 }, (_, item) => make(item))

function positionsAt({ rows, states }: PlaneRun, row: number, what: 'x' | 'x0'): Positions | undefined {
  const [at, recorded] = [rows[row], states(row)]
  if (!at || !recorded) return undefined
  return what === 'x0' ? recorded.x0 : scaled(recorded.x, (item) => levelOf(at, item))
}

/** The places of one item, one after the other; where it stayed counts once. */
function wayOf(steps: readonly Positions[], item: number): number[] {
  const way: number[] = []
  for (const positions of steps) {
    const [x, y] = [positions[2 * item]!, positions[2 * item + 1]!]
    if (x !== way.at(-2) || y !== way.at(-1)) way.push(x, y)
  }
  return way
}

function normalised(level: Level): Pick<Level, 'alpha' | 'sigma'> {
  const scale = flowScale(level)
  return { alpha: level.alpha / scale, sigma: level.sigma / scale }
}

function scaled(positions: Positions, level: (item: number) => Level): Positions {
  return Float64Array.from(positions, (value, i) => value / flowScale(level(i >> 1)))
}

function halfFor(points: Positions): number {
  let most = leastHalf
  for (let i = 0; i < points.length; i++) most = Math.max(most, 1.04 * Math.abs(points[i]!))
  return most < mostHalf ? most : mostHalf
}

function dataHalf(distribution: Distribution | null): number {
  const reach = distribution ? blobsOf(distribution).flatMap(({ mean, s }) => mean.map((m, j) => Math.abs(m) + 3.5 * s[j]!)) : []
  return 1.04 * Math.max(1.1, ...reach)
}
