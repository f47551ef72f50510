import type { RgbaPixels } from './pixels'

/** A picture with every pixel repeated `factor` times each way. */
export function enlarged({ width, height, rgba }: RgbaPixels, factor: number): RgbaPixels {
  if (factor === 1) return { width, height, rgba }
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height)
  const to = new Uint32Array(width * height * factor * factor)
  const wide = width * factor
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) to.fill(from[y * width + x]!, (y * factor * wide) + x * factor, (y * factor * wide) + (x + 1) * factor)
    for (let repeat = 1; repeat < factor; repeat++) to.copyWithin((y * factor + repeat) * wide, y * factor * wide, (y * factor + 1) * wide)
  }
  return { width: wide, height: height * factor, rgba: new Uint8Array(to.buffer) }
}

/** Pictures of one size in a grid, row by row, with `gap` transparent pixels between them. Throws RangeError without a picture. */
export function grid(pictures: readonly RgbaPixels[], columns: number, gap: number): RgbaPixels {
  const [first] = pictures
  if (!first) throw new RangeError('no picture')
  const rows = Math.ceil(pictures.length / columns)
  const width = columns * (first.width + gap) - gap
  const height = rows * (first.height + gap) - gap
  const rgba = new Uint8Array(4 * width * height)
  for (const [k, picture] of pictures.entries()) {
    const left = k % columns * (first.width + gap)
    const top = Math.floor(k / columns) * (first.height + gap)
    for (let y = 0; y < first.height; y++) rgba.set(picture.rgba.subarray(4 * y * first.width, 4 * (y + 1) * first.width), 4 * ((top + y) * width + left))
  }
  return { width, height, rgba }
}

/** The same without alpha, over black or white: what is transparent shows the paper. */
export function onPaper({ width, height, rgba }: RgbaPixels, paper: 0 | 255): RgbaPixels {
  const out = rgba.slice()
  for (let i = 0; i < out.length; i += 4) {
    const alpha = out[i + 3]! / 255
    for (let c = 0; c < 3; c++) out[i + c] = Math.round(out[i + c]! * alpha + paper * (1 - alpha))
    out[i + 3] = 255
  }
  return { width, height, rgba: out }
}

/** A picture whose sides are even: where one is not, its last pixels are repeated. */
export function withEvenSides({ width, height, rgba }: RgbaPixels): RgbaPixels {
  const [wide, high] = [width + width % 2, height + height % 2]
  if (wide === width && high === height) return { width, height, rgba }
  const out = new Uint8Array(4 * wide * high)
  for (let y = 0; y < high; y++) {
    const from = 4 * width * Math.min(y, height - 1)
    out.set(rgba.subarray(from, from + 4 * width), 4 * wide * y)
    if (wide > width) out.copyWithin(4 * (wide * y + width), 4 * (wide * y + width - 1), 4 * (wide * y + width))
  }
  return { width: wide, height: high, rgba: out }
}
