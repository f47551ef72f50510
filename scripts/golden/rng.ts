import { philox4x32 } from '../../src/sampler/philox'
import { toHalf } from '../../src/sampler/random/half'
import { Mt19937 } from '../../src/sampler/random/mt19937'
import { TorchCpuGenerator, type TorchType } from '../../src/sampler/random/torchCpu'
import { cudaBlocks, cudaNormals, type CudaDevice } from '../../src/sampler/random/torchCuda'
import type { Compared } from './compare'
import { list, number, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'

const view = new DataView(new ArrayBuffer(8))

/** A value from its bit pattern: float32 and float16 as unsigned integers, float64 as 16 hex digits, integers as themselves. */
function fromBits(bits: unknown, dtype: string): number {
  if (typeof bits === 'string') {
    view.setBigUint64(0, BigInt(`0x${bits}`))
    return view.getFloat64(0)
  }
  if (typeof bits !== 'number') throw new TypeError('a bit pattern is neither a number nor a text')
  switch (dtype) {
    case 'float32':
      view.setUint32(0, bits)
      return view.getFloat32(0)
    case 'float16': {
      const [sign, exponent, mantissa] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
      return sign * (exponent === 31 ? (mantissa ? NaN : Infinity) : exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25))
    }
    default: return bits
  }
}

function values(from: Data, key: string, dtype: string): number[] {
  const bits = from[key]
  if (!Array.isArray(bits)) throw new TypeError(`“${key}” is not a list of bit patterns`)
  return bits.map((pattern) => fromBits(pattern, dtype))
}

/** A tensor whole, or where it is long its ends, mean and standard deviation. */
function compared(golden: Data, got: ArrayLike<number>): Compared[] {
  const dtype = text(golden, 'dtype')
  if ('bits' in golden) return [{ what: 'value', got, expected: values(golden, 'bits', dtype) }]
  const all = Array.from(got)
  const [head, tail] = [values(golden, 'head', dtype), values(golden, 'tail', dtype)]
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)
  return [
    { what: 'head', got: all.slice(0, head.length), expected: head },
    { what: 'tail', got: all.slice(-tail.length), expected: tail },
    { what: 'mean', got: [mean], expected: numbers(golden, 'mean') },
    { what: 'std', got: [deviation], expected: numbers(golden, 'std') },
  ]
}

const sizeOf = (golden: Data): number => numbers(golden, 'shape').reduce((product, side) => product * side, 1)
const seedOf = (golden: Data, key = 'seed'): bigint => BigInt(typeof golden[key] === 'number' ? number(golden, key) : text(golden, key))

/** One call on a generator. Only randn is the product's; the others show that consecutive calls leave the generator where PyTorch does. */
function call(generator: TorchCpuGenerator, golden: Data): ArrayLike<number> | Unsupported {
  const op = text(golden, 'op')
  switch (op) {
    case 'randn': {
      const out = new Float64Array(sizeOf(golden))
      generator.randn(out, text(golden, 'dtype') as TorchType)
      return out
    }
    case 'rand': {
      const type = text(golden, 'dtype')
      return Float64Array.from({ length: sizeOf(golden) }, () => {
        if (type === 'float64') return generator.uniform64()
        const u = (generator.bits() & 0xffffff) / 0x1000000
        return type === 'float32' ? u : toHalf(u) % 1
      })
    }
    case 'randint': {
      const [low, high] = [number(golden, 'low'), number(golden, 'high')]
      const range = high - low
      const one = (): number => range < 2 ** 28 ? generator.bits() % range : Number(((BigInt(generator.bits()) << 32n) | BigInt(generator.bits())) % BigInt(range))
      return Float64Array.from({ length: sizeOf(golden) }, () => low + one())
    }
    case 'randperm': {
      const n = number(golden, 'n')
      const order = Float64Array.from({ length: n }, (_, i) => i)
      for (let i = 0; i < n - 1; i++) {
        const other = i + generator.bits() % (n - i)
        const kept = order[i]!
        order[i] = order[other]!
        order[other] = kept
      }
      return order
    }
    default: return { unsupported: op }
  }
}

/** PyTorch's CPU generator, one call after manual_seed. */
export function torchCpu(golden: Data): Compared[] | Unsupported {
  const got = call(new TorchCpuGenerator(seedOf(golden)), golden)
  return 'unsupported' in got ? got : compared(golden, got)
}

/** Consecutive calls on one generator. */
export function torchCpuSequence(golden: Data): Compared[] | Unsupported {
  const generator = new TorchCpuGenerator(seedOf(golden))
  const all: Compared[] = []
  for (const step of list(golden, 'steps')) {
    if (step['op'] === 'manual_seed') {
      generator.manualSeed(seedOf(step))
      continue
    }
    const got = call(generator, step)
    if ('unsupported' in got) return got
    all.push(...compared(step, got))
  }
  return all
}

/** A batch of images from one generator each, or from one for all. */
export function torchCpuBatch(golden: Data): Compared[] | Unsupported {
  const how = text(golden, 'how')
  const out = new Float64Array(sizeOf(golden))
  const seeds = golden['seeds']
  if (!Array.isArray(seeds) || seeds.length === 0) throw new TypeError('“seeds” is not a list')
  const scattered = how.startsWith('randn_like of a channels_last tensor')
  if (how !== 'one generator per image' && how !== 'one generator for the batch' && !scattered) return { unsupported: how }
  const size = out.length / (how === 'one generator per image' ? seeds.length : 1)
  seeds.forEach((seed, k) => { new TorchCpuGenerator(BigInt(String(seed))).randn(out.subarray(k * size, (k + 1) * size), text(golden, 'dtype') as TorchType, scattered) })
  return compared(golden, out)
}

export function philoxBlock(golden: Data): Compared[] {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = numbers(golden, 'counter')
  const [k0 = 0, k1 = 0] = numbers(golden, 'key')
  const got = new Uint32Array(4)
  philox4x32([c0, c1, c2, c3], [k0, k1], got)
  return [{ what: 'words', got, expected: numbers(golden, 'words') }]
}

/** Normals of CUDA's generator: by the rule of web UIs, or on a device of so many threads, after the file's earlier calls with the same seed there. */
export function philoxNormal(golden: Data, header: Data): Compared[] | Unsupported {
  const how = text(golden, 'how')
  if (how !== 'web UI' && how !== 'CUDA grid') return { unsupported: how }
  const device = how === 'CUDA grid' ? { threads: number(golden, 'multiprocessors') * number(golden, 'threads_per_multiprocessor') } : undefined
  const out = new Float32Array(sizeOf(golden))
  cudaNormals(out, seedOf(golden), device ? offsetOf(golden, header, device) : number(golden, 'call'), device)
  return compared(golden, out)
}

/** Where the earlier calls left the generator. A call that the file does not show is taken to be as long as this one. */
function offsetOf(golden: Data, header: Data, device: CudaDevice): number {
  const same = ['how', 'seed', 'multiprocessors', 'threads_per_multiprocessor']
  const sequence = list(header, 'cases').filter((other) => same.every((key) => other[key] === golden[key]))
  return Array.from({ length: number(golden, 'call') }, (_, call) => cudaBlocks(sizeOf(sequence.find((other) => other['call'] === call) ?? golden), device))
    .reduce((sum, blocks) => sum + blocks, 0)
}

/** numpy's RandomState. Its newer default generator is another one, which nothing here needs. */
export function numpyLegacy(golden: Data): Compared[] | Unsupported {
  const how = text(golden, 'how')
  const engine = new Mt19937(Number(seedOf(golden) & 0xffffffffn))
  const uniform = (): number => ((engine.next() >>> 5) * 0x4000000 + (engine.next() >>> 6)) / 0x20000000000000
  const normal = polar(uniform)
  const size = sizeOf(golden)
  const raw = /^MT19937 raw 32-bit outputs (\d+)\.\./.exec(how)
  if (raw) {
    for (let i = 0; i < Number(raw[1]); i++) engine.next()
    return compared(golden, Array.from({ length: size }, () => engine.next()))
  }
  const state = 'numpy.random.RandomState(seed)'
  if (how === `${state}.random_sample(n)`) return compared(golden, Array.from({ length: size }, uniform))
  if (how === `${state}.randn(n)`) return compared(golden, Array.from({ length: size }, normal))
  if (how === `${state}: randn(3) then randn(5)`) return compared(golden, Array.from({ length: 8 }, normal).slice(size === 3 ? 0 : 3, size === 3 ? 3 : 8))
  return { unsupported: how }
}

/** Marsaglia's polar method, with the second normal of a pair kept for the next call. */
function polar(uniform: () => number): () => number {
  let cached: number | undefined
  return () => {
    if (cached !== undefined) {
      const kept = cached
      cached = undefined
      return kept
    }
    for (;;) {
      const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1]
      const r = x * x + y * y
      if (r === 0 || r >= 1) continue
      const scale = Math.sqrt(-2 * Math.log(r) / r)
      cached = scale * x
      return scale * y
    }
  }
}
