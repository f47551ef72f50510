// Draws media/icon.png: noise on the left that resolves, pixel by pixel, into a sun over hills on the right.   node scripts/icon.mjs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from 'fast-png'

const size = 256, cells = 16, cell = size / cells, oversampling = 4
let seed = 20220601
/** A uniform number in [0, 1): a linear congruential generator, so that the icon is the same everywhere. */
const uniform = () => (seed = (1664525 * seed + 1013904223) % 4294967296) / 4294967296
const normal = () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform())
const mix = (a, b, t) => a.map((value, i) => value + (b[i] - value) * t)

/** Colour of the clean image at (u, v) in [0, 1)², v downwards. */
function picture(u, v) {
  const sky = mix([34, 40, 104], [255, 150, 112], Math.min(1, v * 1.45))
  if (v > 0.84 - 0.08 * Math.sin(u * 6.0 - 1.0)) return [18, 44, 70]
  if (v > 0.72 - 0.10 * Math.sin(u * 4.6 + 2.6)) return [36, 92, 112]
  if (Math.hypot(u - 0.63, v - 0.42) < 0.19) return mix([255, 244, 190], [255, 196, 96], Math.min(1, Math.max(0, (v - 0.24) / 0.36)))
  return sky
}

const colours = Array.from({ length: cells * cells }, (_, i) => {
  const u = (i % cells + 0.5) / cells, v = (Math.floor(i / cells) + 0.5) / cells
  const clean = [0, 0, 0]
  for (let k = 0; k < 16; k++) picture(u + (k % 4 - 1.5) / (4 * cells), v + (Math.floor(k / 4) - 1.5) / (4 * cells)).forEach((value, c) => { clean[c] += value / 16 })
  const alpha = Math.min(1, Math.max(0.0, (u * 1.1 - 0.08) / 0.55)) // signal, 0 at the left edge and 1 from the middle right on
  const sigma = Math.sqrt(1 - alpha * alpha)
  const grey = 104 + 58 * normal()
  return clean.map((value) => Math.min(255, Math.max(0, alpha * value + sigma * (grey + 24 * normal()))))
})

const data = new Uint8Array(size * size * 4)
const radius = 52, gap = 1
for (let y = 0; y < size; y++) {
  for (let x = 0; x < size; x++) {
    let inside = 0
    for (let k = 0; k < oversampling * oversampling; k++) {
      const px = x + (k % oversampling + 0.5) / oversampling, py = y + (Math.floor(k / oversampling) + 0.5) / oversampling
      const dx = Math.max(radius - px, px - (size - radius), 0), dy = Math.max(radius - py, py - (size - radius), 0)
      if (Math.hypot(dx, dy) <= radius) inside++
    }
    const edge = x % cell < gap || y % cell < gap ? 0.93 : 1
    const colour = colours[Math.floor(y / cell) * cells + Math.floor(x / cell)]
    data.set([...colour.map((value) => Math.round(value * edge)), Math.round(255 * inside / oversampling ** 2)], 4 * (y * size + x))
  }
}
writeFileSync(join(import.meta.dirname, '../media/icon.png'), encode({ width: size, height: size, data, channels: 4 }))
