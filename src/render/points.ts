import type { Distribution } from '../sampler/distribution'
import type { Level } from '../sampler/types'
import { addCircle, addSegment, blend, fillLayer, newLayer, type Layer, type Rgb } from './canvas'
import { planeDensity } from './density'
import type { RgbaPixels } from './pixels'

/** x and y of every item, one after the other. */
export type Positions = ArrayLike<number>

/** What a picture of points shows. */
export interface PointsScene {
  /** Half the side of the square around the origin that is shown. */
  half: number
  /** Whose density lies under the points; null where it is not known. */
  density: { distribution: Distribution; level: Pick<Level, 'alpha' | 'sigma'> } | null
  points: Positions
  /** Of each item where it has been, oldest first, with where it is. */
  trails: readonly Positions[]
  /** Where the exact flow has the points, and its path of each item up to there; null where it is not known. */
  exact: { points: Positions; paths: readonly Positions[] } | null
}

export interface PointsColours { background: Rgb; density: Rgb; points: Rgb; exact: Rgb; frame: Rgb }

/** For files, which know no theme. */
export const paperColours: PointsColours = { background: [255, 255, 255], density: [90, 90, 90], points: [0, 95, 184], exact: [196, 85, 0], frame: [150, 150, 150] }

/** Steps of grey that the density is shown in, and how dark the darkest is. */
const bands = 8
const darkest = 0.5
const dash = 4

/**
 * Draws a scene into a square of `size` pixels: the density in bands of equal steps of its root, the square of the data range [−1, 1], the exact flow as a dashed path to
 * a ring, each item's way as a thin line to a disc. What is not finite is left out.
 * @param scale pixels of the picture for one of a screen of usual resolution
 */
export function drawPoints(scene: PointsScene, size: number, colours: PointsColours, scale = 1): RgbaPixels {
  const rgba = new Uint8Array(4 * size * size)
  const [red, green, blue] = colours.background
  for (let i = 0; i < rgba.length; i += 4) { rgba[i] = red; rgba[i + 1] = green; rgba[i + 2] = blue; rgba[i + 3] = 255 }
  if (scene.density) shade(rgba, planeDensity(scene.density.distribution, scene.density.level, { half: scene.half, size }), colours.density)
  const at = (positions: Positions, item: number): [x: number, y: number] => [
    (positions[2 * item]! / scene.half + 1) / 2 * size, (1 - positions[2 * item + 1]! / scene.half) / 2 * size,
  ]
  const layer = (draw: (layer: Layer) => void, colour: Rgb, opacity = 1): void => {
    const drawn = newLayer(size)
    draw(drawn)
    fillLayer(rgba, drawn, colour, opacity)
  }
  layer((box) => { dataRange(box, at, 0.5 * scale) }, colours.frame)
  const items = Array.from({ length: scene.points.length / 2 }, (_, item) => item)
  const path = (way: Positions): [x: number, y: number][] => Array.from({ length: way.length / 2 }, (_, step) => at(way, step)).filter(isFinitePoint)
  layer((lines) => { for (const trail of scene.trails) polyline(lines, path(trail), 0.5 * scale) }, colours.points, 0.6)
  const { exact } = scene
  if (exact) {
    layer((lines) => { for (const way of exact.paths) dashed(lines, path(way), 0.5 * scale, dash * scale) }, colours.exact, 0.85)
    layer((rings) => { for (const item of items) circle(rings, at(exact.points, item), 4.5 * scale, 3 * scale) }, colours.exact)
  }
  layer((discs) => { for (const item of items) circle(discs, at(scene.points, item), 2.5 * scale) }, colours.points)
  return { width: size, height: size, rgba }
}

const isFinitePoint = ([x, y]: readonly [number, number]): boolean => Number.isFinite(x) && Number.isFinite(y)

/** Relative to the largest value in the picture, since the density of data is a hundred times that of noise. */
function shade(rgba: Uint8Array, density: Float64Array, colour: Rgb): void {
  const largest = density.reduce((most, value) => Math.max(most, value), 0)
  if (largest === 0) return
  for (let p = 0; p < density.length; p++) {
    const band = Math.ceil(Math.sqrt(density[p]! / largest) * bands - 0.5)
    if (band > 0) blend(rgba, p, colour, darkest * band / bands)
  }
}

function dataRange(layer: Layer, at: (positions: Positions, item: number) => [number, number], radius: number): void {
  const [[left, top], [right, bottom]] = [at([-1, 1], 0), at([1, -1], 0)]
  polyline(layer, [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]], radius)
}

function circle(layer: Layer, [x, y]: [number, number], radius: number, hole = 0): void {
  if (isFinitePoint([x, y])) addCircle(layer, x, y, radius, hole)
}

function polyline(layer: Layer, path: readonly [number, number][], radius: number): void {
  for (let k = 1; k < path.length; k++) addSegment(layer, ...path[k - 1]!, ...path[k]!, radius)
}

/** Every other stretch of `length` pixels of a path. */
function dashed(layer: Layer, path: readonly [number, number][], radius: number, length: number): void {
  let gone = 0
  for (let k = 1; k < path.length; k++) {
    const [[ax, ay], [bx, by]] = [path[k - 1]!, path[k]!]
    const distance = Math.hypot(bx - ax, by - ay)
    const parts = Math.max(1, Math.min(2000, Math.ceil(distance / length * 2)))
    for (let part = 0; part < parts; part++) {
      const [from, to] = [part / parts, (part + 1) / parts]
      if ((gone + (from + to) / 2 * distance) % (2 * length) < length) addSegment(layer, ax + from * (bx - ax), ay + from * (by - ay), ax + to * (bx - ax), ay + to * (by - ay), radius)
    }
    gone += distance
  }
}
