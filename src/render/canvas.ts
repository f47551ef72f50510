/** Red, green and blue, 0 … 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** Shapes to be filled with one colour at once, so that where they overlap it is not laid on twice: how much of each pixel they cover, 0 … 1. */
export interface Layer { size: number; cover: Float32Array }

export const newLayer = (size: number): Layer => ({ size, cover: new Float32Array(size * size) })

/** Adds what lies within `radius` pixels of the segment from (ax, ay) to (bx, by), with soft edges. Coordinates are in pixels from the top left corner. */
export function addSegment(layer: Layer, ax: number, ay: number, bx: number, by: number, radius: number): void {
  const [dx, dy] = [bx - ax, by - ay]
  const length2 = dx * dx + dy * dy
  each(layer, Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by), radius, (x, y) => {
    const share = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2))
    return radius + 0.5 - Math.hypot(x - ax - share * dx, y - ay - share * dy)
  })
}

/** Adds a circle: a disc, or where `hole` is more than 0 a ring that leaves it out. */
export function addCircle(layer: Layer, x: number, y: number, radius: number, hole = 0): void {
  each(layer, x, y, x, y, radius, (px, py) => {
    const distance = Math.hypot(px - x, py - y)
    return Math.min(radius + 0.5 - distance, hole > 0 ? distance - hole + 0.5 : 1)
  })
}

/** Lays a colour over RGBA pixels where the layer covers them. */
export function fillLayer(rgba: Uint8Array, { cover }: Layer, colour: Rgb, opacity = 1): void {
  for (let p = 0; p < cover.length; p++) if (cover[p]! > 0) blend(rgba, p, colour, opacity * cover[p]!)
}

/** Lays `share` of a colour over pixel p. */
export function blend(rgba: Uint8Array, p: number, colour: Rgb, share: number): void {
  for (let c = 0; c < 3; c++) {
    const under = rgba[4 * p + c]!
    rgba[4 * p + c] = Math.round(under + share * (colour[c]! - under))
  }
}

function each({ size, cover }: Layer, left: number, top: number, right: number, bottom: number, radius: number, coverAt: (x: number, y: number) => number): void {
  const margin = radius + 1
  for (let v = Math.max(0, Math.floor(top - margin)); v < Math.min(size, bottom + margin); v++) {
    for (let u = Math.max(0, Math.floor(left - margin)); u < Math.min(size, right + margin); u++) {
      const covered = Math.min(1, coverAt(u + 0.5, v + 0.5))
      const p = v * size + u
      if (covered > cover[p]!) cover[p] = covered
    }
  }
}
