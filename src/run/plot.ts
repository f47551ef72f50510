import { isKept } from '../protocol/keptRows'
import type { RowEvent } from '../protocol/run'
import { analyticModel } from '../recipe/analyticModels'
import type { Pixels, RgbaPixels } from '../render/pixels'
import { drawPoints, paperColours } from '../render/points'
import { exactFlow, pointsScene, type PlaneRun } from '../render/pointsScene'
import { DpmError } from '../sampler/errors'
import { readStates, type Recorded } from './store'

/** Side of a saved picture of points, in pixels. */
const plotSize = 960
const plotScale = 2

/**
 * The last of `rows` of a run in the plane as a picture: its points, how they came there as far as that was kept, and the exact flow.
 * Throws DpmError (`runFolder`) where a row cannot be read, RangeError where there is none.
 */
export async function drawPlot(run: Recorded, rows: readonly RowEvent[], what: 'x' | 'x0'): Promise<RgbaPixels> {
  const last = rows.at(-1)
  if (!last) throw new RangeError('no row to draw')
  const read = await readStates(run, rows.filter(({ row }) => isKept(run.document, row, last.row)))
  const states = new Map(read.map((one) => { if (one instanceof DpmError) throw one; return [one.row, one] }))
  const plane: PlaneRun = { rows, end: run.document.plan.levels.at(-1) ?? last.level, states: (row) => states.get(row), distribution: analyticModel(run.document.model.path)?.distribution ?? null }
  const scene = pointsScene(plane, exactFlow(plane), rows.length - 1, what)
  if (!scene) throw new RangeError('no row to draw')
  return drawPoints(scene, plotSize, paperColours, plotScale)
}

/** The same without alpha, as a file holds it; the paper is opaque. Throws as drawPlot(). */
export async function plotOf(run: Recorded, rows: readonly RowEvent[], what: 'x' | 'x0'): Promise<Pixels> {
  const { width, height, rgba } = await drawPlot(run, rows, what)
  const data = new Uint8Array(3 * width * height)
  for (let p = 0; p < width * height; p++) data.set(rgba.subarray(4 * p, 4 * p + 3), 3 * p)
  return { width, height, channels: 3, data }
}
