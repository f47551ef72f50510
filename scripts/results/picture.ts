import { encodePng } from '../../src/formats/png'
import { greyLevel } from '../../src/render/pixels'
import { cells, evaluations, guidances, type Cell } from './cells'
import type { Lab } from './lab'
import { written } from './letters'

/** The rows of the picture, at every guidance scale. */
const methods = ['DDIM', 'DPM-Solver-3 (fast)', 'DPM-Solver++ 2M'] as const
/** Of each cell the first samples: one of every class, in two lines. */
const [columns, lines] = [5, 2]
const side = 32
const scale = 2
const [margin, gap, heading] = [120, 12, 20]

/** The same ten digits by each method: rows are methods, first without guidance and then with much, columns are numbers of evaluations. */
export async function picture(lab: Lab): Promise<Uint8Array> {
  const [tileWidth, tileHeight] = [columns * side * scale, lines * side * scale]
  const rows = guidances.flatMap((guidance) => methods.map((method) => ({ guidance, method })))
  const width = margin + evaluations.length * (tileWidth + gap)
  const height = heading + rows.length * (tileHeight + gap)
  const data = new Uint8Array(width * height).fill(255)
  const place = (text: string, left: number, top: number): void => { written(text, (x, y) => { data[(top + y) * width + left + x] = 0 }) }
  for (const [column, nfe] of evaluations.entries()) place(`${nfe} EVALUATIONS`, margin + column * (tileWidth + gap), 6)
  for (const [row, { guidance, method }] of rows.entries()) {
    const top = heading + row * (tileHeight + gap)
    place(method.replace(/ .*/, '').toUpperCase(), 6, top + 40)
    place(`GUIDANCE ${guidance}`, 6, top + 56)
    for (const [column, nfe] of evaluations.entries()) {
      const { images } = await lab.draw(cellOf(method, guidance, nfe), 0, columns * lines)
      tile(data, width, margin + column * (tileWidth + gap), top, images)
    }
  }
  return encodePng({ width, height, channels: 1, data }, { Title: 'Digits by DDIM, DPM-Solver-3 and DPM-Solver++ 2M from the same noise' })
}

function cellOf(method: string, guidance: number, nfe: number): Cell {
  const found = cells.find((cell) => cell.method === method && cell.guidance === guidance && cell.nfe === nfe && cell.spacing === 'logSNR')
  if (!found) throw new RangeError(`there is no cell of ${method} with ${nfe} evaluations`)
  return found
}

function tile(data: Uint8Array, width: number, left: number, top: number, images: Float32Array): void {
  for (let y = 0; y < lines * side * scale; y++) {
    for (let x = 0; x < columns * side * scale; x++) {
      const [px, py] = [Math.floor(x / scale), Math.floor(y / scale)]
      const item = Math.floor(py / side) * columns + Math.floor(px / side)
      data[(top + y) * width + left + x] = greyLevel(images[(item * side + py % side) * side + px % side]!)
    }
  }
}
