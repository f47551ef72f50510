import { philox4x32 } from '../philox'
import type { FloatArray } from '../types'

const words = new Uint32Array(4)
/** 2π/2^32 in float32, as the programs that made this noise known have it; the true value would move normals by up to 8.4e-7. */
const turn = Math.fround(2 * Math.PI / 2 ** 32)
const threadsPerBlock = 256

/** The part of a GPU that decides which normal goes where: how many threads it runs at once (multiprocessors · threads per multiprocessor). */
export interface CudaDevice { threads: number }

const radius = (word: number): number => Math.sqrt(-2 * Math.log((word + 0.5) / 2 ** 32))
const angle = (word: number): number => (word + 0.5) * turn

/** How many threads one call runs, and by how many counter blocks it moves the generator on. */
function gridOf(n: number, device: CudaDevice | undefined): { threads: number; blocks: number } {
  const wanted = Math.ceil(n / threadsPerBlock)
  const threads = threadsPerBlock * (device ? Math.min(wanted, Math.max(1, Math.floor(device.threads / threadsPerBlock))) : wanted)
  return { threads, blocks: Math.ceil(n / (4 * threads)) }
}

/** By how many counter blocks torch.randn of n values moves the generator on: the offset of the next call. */
export const cudaBlocks = (n: number, device?: CudaDevice): number => gridOf(n, device).blocks

/**
 * torch.randn(out.length, device = "cuda") of a seed, in float32. Thread t of T makes four normals of each Philox block (key: the seed; counter: offset, 0, t, 0),
 * for the elements t, t + T, t + 2T, t + 3T. Up to the device's number of threads every element has a thread of its own and only the first sine is used: the
 * same numbers on every GPU, and what web UIs call "NV" noise. Beyond that the picture depends on the GPU.
 * CUDA's fast functions leave about 1e-6 between these numbers and a GPU's.
 * @param offset counter blocks used by earlier calls since manual_seed: 0 for the first call
 * @param device without it, one thread for every element, however many there are (the rule of web UIs)
 */
export function cudaNormals(out: FloatArray, seed: bigint, offset: number, device?: CudaDevice): void {
  const n = out.length
  const bits = BigInt.asUintN(64, seed)
  const key: [number, number] = [Number(bits & 0xffffffffn), Number(bits >> 32n)]
  const { threads, blocks } = gridOf(n, device)
  for (let block = 0; block < blocks; block++) {
    const position = offset + block
    for (let thread = 0; thread < threads; thread++) {
      const first = 4 * threads * block + thread
      if (first >= n) break
      philox4x32([position | 0, Math.floor(position / 0x100000000), thread, 0], key, words)
      for (let pair = 0; pair < 2; pair++) {
        const i = first + 2 * pair * threads
        if (i >= n) break
        const r = radius(words[2 * pair]!)
        const theta = angle(words[2 * pair + 1]!)
        out[i] = Math.fround(r * Math.sin(theta))
        if (i + threads < n) out[i + threads] = Math.fround(r * Math.cos(theta))
      }
    }
  }
}
