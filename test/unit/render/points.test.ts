import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyticModels } from '../../../src/recipe/analyticModels'
import { planeDensity } from '../../../src/render/density'
import { isPlane } from '../../../src/render/pixels'
import { drawPoints, type PointsColours, type PointsScene } from '../../../src/render/points'
import { exactFlow, meanDistance, pointsScene, type PlaneRun } from '../../../src/render/pointsScene'
import { modelOf } from '../../../src/sampler/distribution'
import { drawNormals } from '../../../src/sampler/noise'
import { probabilityFlow } from '../../../src/sampler/probabilityFlow'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import type { Level } from '../../../src/sampler/types'

const schedule = scheduleOf({ kind: 'vpLinear', beta0: 0.1, beta1: 20 })

test('the density integrates to 1 at every level, and its mean is α times that of the data', () => {
  for (const { name, distribution } of analyticModels) {
    for (const t of [1, 0.5, 0.1, 0]) {
      const { alpha, sigma } = t === 0 ? { alpha: 1, sigma: 0 } : schedule.level(t)
      const [half, size] = [6, 600]
      const cell = (2 * half / size) ** 2
      const density = planeDensity(distribution, { alpha, sigma }, { half, size })
      const x = (p: number): number => (2 * (p % size) + 1) / size * half - half
      const y = (p: number): number => half - (2 * Math.floor(p / size) + 1) / size * half
      const total = density.reduce((sum, value) => sum + value, 0) * cell
      const mean = [x, y].map((at) => density.reduce((sum, value, p) => sum + value * at(p), 0) * cell)
      const data = distribution.kind === 'gaussian' ? distribution.mean : [0, 1].map((j) => distribution.components.reduce((sum, { weight, mean: m }) => sum + weight * m[j]!, 0))
      console.log(`${name} at t ${t}: ${total}`)
      assert.ok(Math.abs(total - 1) < 1e-6, `${name} at t ${t}: ${total}`)
      for (const j of [0, 1]) assert.ok(Math.abs(mean[j]! - alpha * data[j]!) < 1e-6, `${name} at t ${t}: mean ${mean.join()}`)
    }
  }
})

const colours: PointsColours = { background: [0, 0, 0], density: [255, 255, 255], points: [0, 0, 255], exact: [255, 0, 0], frame: [0, 255, 0] }
const empty: PointsScene = { half: 2, density: null, points: [], trails: [], exact: null }
/** The pixel of a position: 101 pixels, so that the origin is the middle of one. */
function colourAt(scene: Partial<PointsScene>, x: number, y: number): number[] {
  const size = 101
  const { rgba } = drawPoints({ ...empty, ...scene }, size, colours)
  const p = Math.floor((1 - y / 2) / 2 * size) * size + Math.floor((x / 2 + 1) / 2 * size)
  return [...rgba.subarray(4 * p, 4 * p + 4)]
}

test('a point is a disc where it lies, y upwards; the exact flow is a ring around its place; the data range is framed', () => {
  assert.deepEqual(colourAt({ points: [0.5, 1.5] }, 0.5, 1.5), [0, 0, 255, 255])
  assert.deepEqual(colourAt({ points: [0.5, 1.5] }, 0.5, -1.5), [0, 0, 0, 255])
  const exact = { points: [0, 0], paths: [] }
  assert.deepEqual(colourAt({ points: [1.8, 1.8], exact }, 0, 0), [0, 0, 0, 255])
  assert.deepEqual(colourAt({ points: [1.8, 1.8], exact }, 3.75 * 4 / 101, 0), [255, 0, 0, 255])
  assert.ok(colourAt({}, 1, 0.5)[1]! > 60 || colourAt({}, 0.99, 0.5)[1]! > 60)
})

test('a way is a line from where a point was to where it is; the path of the exact flow is dashed', () => {
  const blue = Array.from({ length: 21 }, (_, k) => colourAt({ points: [1, 1.5], trails: [[-1, 1.5, 1, 1.5]] }, -0.9 + k * 0.08, 1.5)[2]!)
  assert.ok(Math.min(...blue) > 60, blue.join())
  assert.equal(colourAt({ points: [1, 1.5], trails: [[-1, 1.5, 1, 1.5]] }, 0, 1.7)[2], 0)
  const red = Array.from({ length: 50 }, (_, k) => colourAt({ points: [1.9, 1.9], exact: { points: [1.9, 1.9], paths: [[-1, 1.5, 1, 1.5]] } }, -1 + k * 0.04, 1.5)[0]!)
  assert.ok(red.some((value) => value > 60) && red.some((value) => value === 0), red.join())
})

test('the density is shaded, darkest where it is largest; values that are not finite are left out', () => {
  const density = { distribution: { kind: 'gaussian', mean: [0.5, 0.5], s: [0.2, 0.2] }, level: { alpha: 1, sigma: 0 } } as const
  const shades = [[0.5, 0.5], [0.7, 0.5], [0.9, 0.5], [-1.5, -1.5]].map(([x, y]) => colourAt({ density }, x!, y!)[0]!)
  assert.deepEqual(shades, [...shades].sort((a, b) => b - a))
  assert.equal(new Set(shades).size, 4)
  assert.equal(shades[3], 0)
  assert.deepEqual(colourAt({ points: [NaN, 0, Infinity, 0, 0, 0], trails: [[NaN, 0, 0, NaN], [0, 0, 1, 1], [0, 0, Infinity, 0]] }, 0, 0), [0, 0, 255, 255])
})

test('a scene of x_t is beside the exact flow at its level, one of x̂₀ beside its end; other scales are brought to that of x', () => {
  const { distribution } = analyticModels[0]!
  const levels = [schedule.level(1), schedule.level(0.4), { t: 0, alpha: 1, sigma: 0, lambda: Infinity }]
  const start = drawNormals('3', 0, 8)
  const end = levels[2]!
  const rows = levels.map((level) => ({ level }))
  const [guess] = exactFlow({ rows, end, states: () => ({ x: start, x0: start }), distribution })!
  const along = guess!.at.slice(0, 3).map((node) => ({ x: guess!.nodes[node]!, x0: guess!.nodes.at(-1)!.map((value, i) => value + (i % 2 === 0 ? 0.5 : 0)) }))
  const run: PlaneRun = { rows, end, states: (row) => along[row], distribution }
  const flow = exactFlow(run)
  for (const row of [0, 1, 2]) {
    assert.ok(meanDistance(pointsScene(run, flow, row, 'x')!)! < 1e-12)
    assert.ok(Math.abs(meanDistance(pointsScene(run, flow, row, 'x0')!)! - 0.5) < 1e-12)
    assert.deepEqual(pointsScene(run, flow, row, 'x')!.trails.map(({ length }) => length / 2), Array(4).fill(row + 1))
  }
  // The same run on a scale of its own: x = 10·x, α and σ too.
  const tenfold: PlaneRun = { ...run, rows: levels.map((level) => ({ level: { ...level, alpha: 10 * level.alpha, sigma: 10 * level.sigma } })), states: (row) => along[row] && { x: along[row].x.map((value) => 10 * value), x0: along[row].x0 } }
  for (const row of [0, 1, 2]) assert.ok(meanDistance(pointsScene(tenfold, exactFlow(tenfold), row, 'x')!)! < 1e-9)
  assert.equal(pointsScene(run, flow, 3, 'x'), null)
  assert.equal(meanDistance(pointsScene({ ...run, distribution: null }, exactFlow({ ...run, distribution: null }), 1, 'x')!), null)
})

test('of a run that keeps its newest row alone the points are there, all in view, without ways and the exact flow', () => {
  const { distribution } = analyticModels[0]!
  const [level, end] = [schedule.level(1), { t: 0, alpha: 1, sigma: 0, lambda: Infinity }]
  const x = Float32Array.of(3.5, 0, 0, -4)
  const run: PlaneRun = { rows: [{ level }, { level }], end, states: (row) => row === 1 ? { x, x0: x } : undefined, distribution }
  assert.equal(exactFlow(run), null)
  assert.equal(pointsScene(run, null, 0, 'x'), null)
  for (const what of ['x', 'x0'] as const) {
    const { points, trails, exact } = pointsScene(run, exactFlow(run), 1, what)!
    assert.deepEqual([points.length, trails.map(({ length }) => length), exact], [4, [2, 2], null])
  }
  assert.ok(pointsScene(run, null, 1, 'x')!.half > 4)
})

test('items at levels of their own, as in an adaptive run, are each beside the flow at their own', () => {
  const { distribution } = analyticModels[1]!
  const [a, b, c] = [0.999, 0.4, 0.1].map((t) => schedule.level(t)) as [Level, Level, Level]
  const end = { t: 0, alpha: 1, sigma: 0, lambda: Infinity }
  const start = drawNormals('3', 0, 4)
  const to = (level: Level, item: number): Float64Array => probabilityFlow(modelOf(distribution), start.subarray(2 * item, 2 * item + 2), [a, level]).nodes.at(-1)!
  // Item 0 goes to b and c, item 1 stays at first and then goes to c at once.
  const rows = [[a, a], [b, a], [c, c]].map((levels) => ({ level: levels[0]!, lanes: levels.map((level) => ({ level })) }))
  const states = rows.map(({ lanes }) => ({ x: Float64Array.from(lanes.flatMap(({ level }, item) => [...to(level, item)])), x0: start }))
  const run: PlaneRun = { rows, end, states: (row) => states[row], distribution }
  const flow = exactFlow(run)
  for (const row of [0, 1, 2]) {
    const distance = meanDistance(pointsScene(run, flow, row, 'x')!)!
    console.log(`row ${row}: ${distance}`)
    assert.ok(distance < 1e-5)
  }
  assert.deepEqual(pointsScene(run, flow, 2, 'x')!.trails.map(({ length }) => length / 2), [3, 2])
})

test('items of two values are points of the plane, whatever their axes', () => {
  assert.deepEqual([[4, 2, 1, 1], [4, 1, 1, 2], [4, 1, 2, 1], [2, 1, 1, 1], [1, 1, 2, 2]].map((shape) => isPlane(shape as [number, number, number, number])), [true, true, true, false, false])
})
