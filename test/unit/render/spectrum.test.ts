import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fourier } from '../../../src/render/fourier'
import { spectra, type Spectra } from '../../../src/render/spectrum'
import { batchNormals } from '../../../src/sampler/noise'

function finished<T>(work: Generator<void, T>): T {
  for (;;) { const { done, value } = work.next(); if (done) return value }
}
const of = (x: ArrayLike<number>, x0: ArrayLike<number>, channels: number, height: number, width: number): Spectra => finished(spectra(Float32Array.from(x), Float32Array.from(x0), channels, height, width))
const noise = (n: number, seed: bigint): Float32Array => batchNormals(seed, 0, 1, n)

test('the transform of every length is the sum that defines it', () => {
  let worst = 0
  for (const n of [...Array.from({ length: 40 }, (_, i) => i + 1), 64, 81, 97, 100, 128]) {
    const [re, im] = [Float64Array.from(noise(n, 1n)), Float64Array.from(noise(n, 2n))]
    const expected = Array.from({ length: n }, (_, k) => re.reduce<[number, number]>(([a, b], value, j) => {
      const [c, s] = [Math.cos(2 * Math.PI * (j * k % n) / n), Math.sin(2 * Math.PI * (j * k % n) / n)]
      return [a + value * c + im[j]! * s, b + im[j]! * c - value * s]
    }, [0, 0]))
    fourier(n)(re, im)
    for (const [k, [a, b]] of expected.entries()) worst = Math.max(worst, Math.hypot(re[k]! - a, im[k]! - b) / Math.sqrt(n))
  }
  console.log(`largest difference to the sum: ${worst.toExponential(1)}`)
  assert.ok(worst < 1e-12)
})

test('white noise has its variance in every ring, and two pictures do not mix', () => {
  const [height, width] = [96, 96]
  const x = noise(3 * height * width, 5n).map((value) => 2 * value)
  const flat = of(x, noise(3 * height * width, 6n), 3, height, width)
  assert.deepEqual([...flat.frequency], Array.from({ length: 48 }, (_, r) => r + 1))
  // A mean of n exponential variables, of which 4 pairs lie in ring 1 and more in every other: 6 deviations.
  let worst = 0
  for (const [r, frequency] of flat.frequency.entries()) {
    const allowed = 6 / Math.sqrt(3 * Math.PI * frequency)
    worst = Math.max(worst, Math.abs(flat.x[r]! / 4 - 1) / allowed, Math.abs(flat.x0[r]! - 1) / allowed)
  }
  console.log(`largest deviation from flat: ${(6 * worst).toFixed(1)} standard deviations`)
  assert.ok(worst < 1)
  const alone = of(x, new Float32Array(x.length), 3, height, width)
  for (const r of flat.frequency.keys()) {
    assert.ok(Math.abs(alone.x[r]! / flat.x[r]! - 1) < 1e-6)
    assert.ok(alone.x0[r]! < 1e-20)
  }
})

test('a wave has its power in the ring of its frequency and nowhere else; the mean counts nowhere', () => {
  for (const [height, width, ky, kx] of [[32, 32, 3, 4], [28, 28, 0, 6], [24, 36, 4, 0], [15, 21, 0, 5]] as const) {
    const wave = (phase: number): Float64Array => Float64Array.from({ length: height * width }, (_, p) => 7 + 0.5 * Math.cos(2 * Math.PI * (ky * Math.floor(p / width) / height + kx * (p % width) / width) + phase))
    const { frequency, x, x0 } = of(wave(0.3), wave(1.2), 1, height, width)
    const longest = Math.max(height, width)
    const ring = Math.round(longest * Math.hypot(ky / height, kx / width))
    let inRing = 0
    for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) inRing += Number(Math.round(longest * Math.hypot(Math.min(v, height - v) / height, Math.min(u, width - u) / width)) === ring)
    for (const [r, at] of frequency.entries()) {
      // Two of the ring's frequencies hold a wave of amplitude a: |F|²/(H·W) = a²·H·W/4 each.
      const expected = at === ring ? 2 * 0.25 * height * width / 4 / inRing : 0
      for (const power of [x[r]!, x0[r]!]) assert.ok(Math.abs(power - expected) < 1e-5 * height * width, `${height}×${width}, ring ${at}: ${power} and not ${expected}`)
    }
  }
})

test('the rings together hold the variance of a picture without corners (Parseval)', () => {
  for (const [height, width] of [[20, 20], [17, 30], [33, 21]] as const) {
    const longest = Math.max(height, width)
    const picture = new Float64Array(height * width)
    const draws = noise(4 * 12, 9n)
    for (let wave = 0; wave < 12; wave++) {
      const [ky, kx] = [Math.round(draws[4 * wave]! * height / 8), Math.round(draws[4 * wave + 1]! * width / 8)]
      if (Math.hypot(ky / height, kx / width) > 0.45) continue
      for (let p = 0; p < picture.length; p++) picture[p]! += draws[4 * wave + 2]! * Math.cos(2 * Math.PI * (ky * Math.floor(p / width) / height + kx * (p % width) / width) + draws[4 * wave + 3]!)
    }
    const values = Float32Array.from(picture)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const energy = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const counts = new Map<number, number>()
    for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) {
      const ring = Math.round(longest * Math.hypot(Math.min(v, height - v) / height, Math.min(u, width - u) / width))
      counts.set(ring, (counts.get(ring) ?? 0) + 1)
    }
    const { frequency, x } = of(values, values, 1, height, width)
    const total = frequency.reduce((sum, ring, r) => sum + x[r]! * counts.get(ring)!, 0)
    console.log(`${height}×${width}: ${total.toFixed(4)} in rings, ${energy.toFixed(4)} in the picture`)
    assert.ok(Math.abs(total / energy - 1) < 1e-5)
  }
})

test('a point, which has no frequencies, has an empty spectrum', () => {
  assert.equal(of([1], [2], 1, 1, 1).frequency.length, 0)
})
