import type { FloatArray } from './types'

// Sums two values at once, which plain JavaScript cannot: a WebAssembly module of one function for each number of terms, assembled here. Such code reaches the memory it is
// bound to only, so tensors that are to be summed by it are made by tensors().

/** A function of that module: the coefficients, then where the terms, the sum and the end of the sum lie, in bytes. */
type Sum = (...coefficientsThenBytes: number[]) => void

/** The largest number of terms it can sum. */
const mostTerms = 8

/** Below so many values a call into WebAssembly costs more than it gains. */
const worthwhile = 4096

/** What of WebAssembly is used: this code is also for places whose types do not have it. */
interface Wasm {
  Module: new (bytes: Uint8Array) => object
  Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer }
  Instance: new (module: object, imports: Record<string, Record<string, object>>) => { exports: Record<string, unknown> }
}

const sumsOf = new WeakMap<ArrayBufferLike, readonly Sum[]>()
let compiled: object | undefined

/** Tensors of `length` float32 zeros, in a memory of their own where WebAssembly is there and allowed (not by the content security policy of every page). */
export function tensors(count: number, length: number): Float32Array[] {
  if (length >= worthwhile && count > 0) {
    try { return inOneMemory(count, length) } catch { /* forbidden, or more than a memory can be */ }
  }
  return plainTensors(count, length)
}

/** The same, of which there may be any number: a memory reserves gigabytes of addresses, however small it is. */
export function plainTensors(count: number, length: number): Float32Array[] { return Array.from({ length: count }, () => new Float32Array(length)) }

function inOneMemory(count: number, length: number): Float32Array[] {
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Wasm }
  compiled ??= new wasm.Module(moduleBytes())
  const stride = 4 * turnLength * Math.ceil(length / turnLength)
  const memory = new wasm.Memory({ initial: Math.ceil(count * stride / 65_536) })
  const { exports } = new wasm.Instance(compiled, { tensors: { memory } })
  sumsOf.set(memory.buffer, Array.from({ length: mostTerms }, (_, k) => exports[`sum${k + 1}`] as Sum))
  return Array.from({ length: count }, (_, k) => new Float32Array(memory.buffer, k * stride, length))
}

/**
 * out = Σ coefficients[k]·buffers[k] of the first `count` terms, formed in float64 in their order and rounded once, where all of these tensors lie in one memory.
 * @returns how many values it has summed, from the first on: none where they do not, and not those that do not fill its last turn
 */
export function sumTogether(out: FloatArray, coefficients: readonly number[], buffers: readonly FloatArray[], count: number): number {
  // Not asked for its buffer where it is small: engines keep those inside the array until then.
  const sum = out.length < worthwhile ? undefined : sumsOf.get(out.buffer)?.[count - 1]
  if (!sum) return 0
  for (let k = 0; k < count; k++) if (buffers[k]!.buffer !== out.buffer) return 0
  const whole = out.length - out.length % turnLength
  if (whole > 0) sum(...coefficients.slice(0, count), ...buffers.slice(0, count).map(({ byteOffset }) => byteOffset), out.byteOffset, out.byteOffset + 4 * whole)
  return whole
}

/** The binary format of https://webassembly.github.io/spec/core/binary/: sections of types, imports, functions, exports, code. */
function moduleBytes(): Uint8Array {
  const counts = Array.from({ length: mostTerms }, (_, k) => k + 1)
  const times = (count: number, type: number): number[][] => Array.from({ length: count }, () => [type])
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(counts.map((count) => [0x60, ...list([...times(count, f64), ...times(count + 2, i32)]), 0]))),
    ...section(2, list([[...name('tensors'), ...name('memory'), 2, 0, 1]])),
    ...section(3, list(counts.map((_, index) => [index]))),
    ...section(7, list(counts.map((count, index) => [...name(`sum${count}`), 0, index]))),
    ...section(10, list(counts.map((count) => sized(sumBody(count))))),
  ])
}

const [i32, f64, v128] = [0x7f, 0x7c, 0x7b]
/** Pairs of values in one turn of the loop, which hides its own cost. */
const unrolled = 4
const turnLength = 2 * unrolled

/** Parameters: the coefficients, where each term, the sum and the end of the sum lie. Then locals: each coefficient in both lanes. */
function sumBody(count: number): number[] {
  const [first, out, end, lanes] = [count, 2 * count, 2 * count + 1, 2 * count + 2]
  const get = (local: number): number[] => [0x20, local]
  const product = (term: number, pair: number): number[] => [
    ...get(first + term), ...simd(0x5d), 3, 8 * pair, // v128.load64_zero: two values
    ...simd(0x5f), ...get(lanes + term), ...simd(0xf2), // f64x2.promote_low_f32x4, f64x2.mul
  ]
  const pairOf = (pair: number): number[] => [
    ...get(out), ...product(0, pair),
    ...Array.from({ length: count - 1 }, (_, k) => [...product(k + 1, pair), ...simd(0xf0)]).flat(), // f64x2.add
    ...simd(0x5e), ...simd(0x5b), 3, 8 * pair, 0, // f32x4.demote_f64x2_zero, v128.store64_lane
  ]
  const forward = (local: number): number[] => [...get(local), 0x41, 4 * turnLength, 0x6a] // i32.const, i32.add
  return [
    ...list([[count, v128]]),
    ...Array.from({ length: count }, (_, k) => [...get(k), ...simd(0x14), 0x21, lanes + k]).flat(), // f64x2.splat, local.set
    0x03, 0x40, // loop
    ...Array.from({ length: unrolled }, (_, pair) => pairOf(pair)).flat(),
    ...Array.from({ length: count }, (_, k) => [...forward(first + k), 0x21, first + k]).flat(),
    ...forward(out), 0x22, out, ...get(end), 0x49, 0x0d, 0, // local.tee, i32.lt_u, br_if
    0x0b, 0x0b,
  ]
}

/** LEB128. */
function unsigned(value: number): number[] { return value < 128 ? [value] : [value & 127 | 128, ...unsigned(value >>> 7)] }
const simd = (operation: number): number[] => [0xfd, ...unsigned(operation)]
const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes]
const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()]
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)]
const name = (text: string): number[] => sized([...text].map((character) => character.charCodeAt(0)))
