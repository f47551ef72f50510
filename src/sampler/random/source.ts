import { assertNever } from '../errors'
import { fillNormals, type Seed } from '../noise'
import type { FloatArray } from '../types'
import { BrownianPath } from './brownian'
import { TorchCpuGenerator, type TorchType } from './torchCpu'
import { cudaBlocks, cudaNormals, type CudaDevice } from './torchCuda'

/** The generators by their names in recipes. A change of any number one of them gives is a change of its name. */
export const noiseGenerators = ['philox4x32-10/v1', 'torch-cpu', 'torch-cuda'] as const
export type NoiseGenerator = typeof noiseGenerators[number]

/** Where a run's unit normals come from. Each item of a batch has a seed of its own, so a batch never changes a picture. `out` holds one item. */
export interface NoiseSource {
  readonly items: number
  /** Draw d of an item: 0 is x_T, d > 0 the d-th noise of the run. The same numbers whenever it is asked for. */
  draw(out: FloatArray, draw: number, item: number): void
  /**
   * Unit normals for the way between two Brownian times. Our own generator gives the increment of the item's path there, so that other steps refine the same
   * path; PyTorch's have no path: as its programs do, they draw the next tensor.
   * @param draw which noise of the run this is, from 1 on
   */
  increment(out: FloatArray, from: number, to: number, draw: number, item: number): void
}

export interface NoiseOptions {
  /** torch-cpu: in which type the program to match draws; the type of its pipeline. */
  type?: TorchType
  /** torch-cuda: the GPU to match, where an image has more values than it has threads. */
  device?: CudaDevice
}

/** @param seeds one for each item; for one PyTorch generator that draws a whole batch, one seed with the batch as its only item */
export function noiseSource(generator: NoiseGenerator, seeds: readonly Seed[], options: NoiseOptions = {}): NoiseSource {
  switch (generator) {
    case 'philox4x32-10/v1': return philox(seeds)
    case 'torch-cpu': return torchCpu(seeds, options.type ?? 'float32')
    case 'torch-cuda': return torchCuda(seeds, options.device)
    default: return assertNever(generator)
  }
}

/** The seeds of a batch: item k has seed + k, modulo 2^64. */
export const batchSeeds = (seed: Seed, items: number): bigint[] => Array.from({ length: items }, (_, k) => BigInt.asUintN(64, BigInt(seed) + BigInt(k)))

/** One draw for all items, one after the other. */
export function drawBatch(source: NoiseSource, out: FloatArray, draw: number): void {
  const size = out.length / source.items
  for (let item = 0; item < source.items; item++) source.draw(out.subarray(item * size, (item + 1) * size), draw, item)
}

function philox(seeds: readonly Seed[]): NoiseSource {
  const paths: (BrownianPath | undefined)[] = []
  let scratch = new Float64Array(0)
  return {
    items: seeds.length,
    draw: (out, draw, item) => { fillNormals(out, seeds[item]!, draw) },
    increment(out, from, to, _draw, item) {
      const path = paths[item] ??= new BrownianPath(seeds[item]!, out.length)
      if (out instanceof Float64Array) {
        path.increment(out, from, to)
        return
      }
      if (scratch.length !== out.length) scratch = new Float64Array(out.length)
      path.increment(scratch, from, to)
      out.set(scratch)
    },
  }
}

/** Draws come from one stream for each item; an earlier draw than the last one begins the stream again. All draws of an item have one length. */
function torchCpu(seeds: readonly Seed[], type: TorchType): NoiseSource {
  const streams = seeds.map((seed) => ({ generator: new TorchCpuGenerator(BigInt(seed)), next: 0 }))
  function draw(out: FloatArray, wanted: number, item: number): void {
    const stream = streams[item]!
    if (wanted < stream.next) {
      stream.generator.manualSeed(BigInt(seeds[item]!))
      stream.next = 0
    }
    for (; stream.next <= wanted; stream.next++) stream.generator.randn(out, type)
  }
  return { items: seeds.length, draw, increment: (out, _from, _to, index, item) => { draw(out, index, item) } }
}

function torchCuda(seeds: readonly Seed[], device: CudaDevice | undefined): NoiseSource {
  function draw(out: FloatArray, index: number, item: number): void {
    cudaNormals(out, BigInt(seeds[item]!), index * cudaBlocks(out.length, device), device)
  }
  return { items: seeds.length, draw, increment: (out, _from, _to, index, item) => { draw(out, index, item) } }
}
