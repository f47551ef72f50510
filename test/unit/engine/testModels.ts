import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onnxFile, type Graph, type OnnxType, type Value } from './onnxFile'

const folders: string[] = []
process.on('exit', () => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }) })

/** A new folder below the system's temporary one; gone when the tests are. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-test-'))
  folders.push(folder)
  return folder
}

/** Writes files, given as text, bytes or JSON, by path inside a new folder, which is returned. */
export function folderWith(files: Record<string, string | Uint8Array | object>): string {
  const folder = newFolder()
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content))
  }
  return folder
}

/** Inputs and output of a network of images, 1×4×4 ones where `shape` says nothing else; what is between them is for each test to say. */
export function network(nodes: Graph['nodes'], options: Partial<Graph> & { batch?: number | string; type?: OnnxType; time?: Partial<Value>; labels?: boolean; shape?: [channels: number, height: number, width: number] } = {}): Uint8Array {
  const { batch = 'batch', type = 'float32', time = {}, labels = false, shape = [1, 4, 4], ...graph } = options
  const image = [batch, ...shape]
  return onnxFile({
    inputs: [{ name: 'sample', type, dims: image }, { name: 'timestep', dims: [], ...time }, ...(labels ? [{ name: 'class_labels', type: 'int64' as const, dims: [batch] }] : [])],
    outputs: [{ name: 'out_sample', type, dims: image }], nodes, ...graph,
  })
}

/** ε̂ = x/2, at any time. */
export const half = (options: Parameters<typeof network>[1] = {}): Uint8Array => network([{ op: 'Mul', inputs: ['sample', 'a'], output: 'out_sample' }], { constants: [{ name: 'a', values: [0.5] }], ...options })

/** ε̂ = x·√(time − 500): NaN at every time below 500. */
export const nanBelow500 = (): Uint8Array => network(
  [{ op: 'Sub', inputs: ['timestep', 'c'], output: 'd' }, { op: 'Sqrt', inputs: ['d'], output: 'r' }, { op: 'Mul', inputs: ['sample', 'r'], output: 's' }, { op: 'Mul', inputs: ['s', 'e'], output: 'out_sample' }],
  { constants: [{ name: 'c', values: [500] }, { name: 'e', values: [0.01] }] },
)

/** ε̂ = x·(1 + label/10), from a table of `count` labels. */
export const labelled = (count: number): Uint8Array => network(
  [{ op: 'Gather', inputs: ['table', 'class_labels'], output: 'g' }, { op: 'Reshape', inputs: ['g', 'shape'], output: 'f' }, { op: 'Mul', inputs: ['sample', 'f'], output: 'out_sample' }],
  { labels: true, constants: [{ name: 'table', dims: [count], values: Array.from({ length: count }, (_, k) => 1 + k / 10) }, { name: 'shape', type: 'int64', dims: [4], values: [0, 1, 1, 1] }] },
)

/** ε̂ = x plus nothing: at once at time 999, where sampling starts, and at every other time after `repeats` products of two size×size matrices. */
export function slow(size: number, repeats: number): Uint8Array {
  const products = Array.from({ length: repeats }, (_, i) => ({ op: 'MatMul', inputs: [`m${i}`, 'm0'], output: `m${i + 1}` }))
  return network(
    [
      { op: 'Sub', inputs: ['start', 'timestep'], output: 'd' }, { op: 'Relu', inputs: ['d'], output: 'r' }, { op: 'Min', inputs: ['r', 'one'], output: 'later' },
      { op: 'Mul', inputs: ['later', 'size'], output: 'l' }, { op: 'Add', inputs: ['l', 'one'], output: 'n' }, { op: 'Cast', inputs: ['n'], output: 'i', ints: { to: 7 } },
      { op: 'Reshape', inputs: ['i', 'list'], output: 'n1' }, { op: 'Concat', inputs: ['n1', 'n1'], output: 'shape', ints: { axis: 0 } },
      { op: 'Mul', inputs: ['timestep', 'zero'], output: 't0' }, { op: 'Expand', inputs: ['t0', 'shape'], output: 'm0' }, ...products,
      { op: 'ReduceSum', inputs: [`m${repeats}`], output: 'sum', ints: { keepdims: 0 } }, { op: 'Add', inputs: ['sample', 'sum'], output: 'out_sample' },
    ],
    { constants: [{ name: 'start', values: [998.5] }, { name: 'one', values: [1] }, { name: 'zero', values: [0] }, { name: 'size', values: [size] }, { name: 'list', type: 'int64', dims: [1], values: [1] }] },
  )
}
