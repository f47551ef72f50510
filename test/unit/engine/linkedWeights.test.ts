import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync, statSync, symlinkSync, truncateSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openGraph } from '../../../src/engine/graphFile'
import { withWeights, type OpenedAs } from '../../../src/engine/linkedWeights'
import { logTo } from '../../../src/engine/log'
import { rawData } from './onnxFile'
import { folderWith, network, newFolder } from './testModels'
import { clientFor, cpu, readFolder, recipe, start } from './withClient'

const values = Array.from({ length: 16 }, (_, i) => i / 32)
const graph = network([{ op: 'Mul', inputs: ['sample', 'w'], output: 's' }, { op: 'Add', inputs: ['s', 'v'], output: 'out_sample' }], {
  constants: [{ name: 'w', dims: [1, 1, 4, 4], values, external: 'model.onnx_data' }, { name: 'v', dims: [1, 1, 4, 4], values, external: 'deep/v.bin' }],
})

/** A snapshot of a Hugging Face cache: links to blobs of other names. Returns the graph's path there. */
function snapshot(cache: string, blobs: Record<string, string>): string {
  for (const [path, blob] of Object.entries(blobs)) {
    const link = join(cache, 'snapshots/rev', path)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(cache, 'blobs', blob), link)
  }
  return join(cache, 'snapshots/rev', Object.keys(blobs)[0]!)
}

function small(): string {
  return snapshot(folderWith({ 'blobs/a': graph, 'blobs/b': rawData({ values }), 'blobs/c': rawData({ values }) }), { 'model.onnx': 'a', 'model.onnx_data': 'b', 'deep/v.bin': 'c' })
}

const noLinks = (): never => { throw Object.assign(new Error('other file system'), { code: 'EXDEV' }) }
const seen = (as: OpenedAs): Promise<{ as: OpenedAs; files: string[]; links: number }> => {
  const files = readdirSync(dirname(as.path), { recursive: true }).map(String).filter((name) => statSync(join(dirname(as.path), name)).isFile()).sort()
  return Promise.resolve({ as, files, links: statSync(as.path).nlink })
}

test('weights that are links get a folder of hard links while they are opened, and only then', async () => {
  const file = small()
  const scratch = join(newFolder(), 'scratch')
  const { as, files, links } = await withWeights(openGraph(file), seen, scratch)
  assert.deepEqual(files, ['a', join('deep', 'v.bin'), 'model.onnx_data'])
  assert.equal(links, 2, 'nothing was copied')
  assert.equal(as.externalData, undefined)
  assert.deepEqual(readdirSync(scratch), [])
  await assert.rejects(withWeights(openGraph(file), () => Promise.reject(new Error('no')), scratch), /no/)
  assert.deepEqual(readdirSync(scratch), [])
  const plain = folderWith({ 'model.onnx': graph, 'model.onnx_data': rawData({ values }), 'deep/v.bin': rawData({ values }) })
  assert.equal((await withWeights(openGraph(join(plain, 'model.onnx')), seen, join(newFolder(), 'none'))).as.path, realpathSync(join(plain, 'model.onnx')))
})

test('where no hard link can be made they are copied, which the log says; where there is no place for copies they are handed over as bytes, and above 2 GB refused', async () => {
  const said: string[] = []
  logTo(({ text }) => said.push(text))
  const file = small()
  const copied = await withWeights(openGraph(file), seen, newFolder(), noLinks)
  assert.deepEqual([copied.files, copied.links, said.length], [['a', join('deep', 'v.bin'), 'model.onnx_data'], 1, 1])
  assert.match(said[0]!, /^0 MB of weights were copied to load .*blobs.a: they are links, and no hard links/)
  const nowhere = join(folderWith({ file: '' }), 'file', 'scratch')
  const { externalData, path } = await withWeights(openGraph(file), (as) => Promise.resolve(as), nowhere)
  assert.equal(path, openGraph(file).path)
  assert.deepEqual(externalData?.map((part) => [part.path, part.data.length]), [['model.onnx_data', 64], ['deep/v.bin', 64]])
  truncateSync(realpathSync(join(dirname(file), 'model.onnx_data')), 2 ** 31) // sparse
  await assert.rejects(withWeights(openGraph(file), seen, nowhere), { reason: 'modelUnreadable', message: /are links, and could neither be linked nor copied into .*scratch \(E(NOTDIR|EXIST|NOENT)\); with 2\.1 GB they are too large to be read as a whole\./ })
})

test('what an engine that was ended while loading left is removed by the next, and another’s stays', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const scratch = folderWith({ [`dpm-model-${pid}-x/w`]: 'left', [`dpm-model-${process.ppid}-x/w`]: 'in use', 'other/w': 'not ours' })
  await withWeights(openGraph(small()), seen, scratch)
  assert.deepEqual(readdirSync(scratch).sort(), [`dpm-model-${process.ppid}-x`, 'other'])
})

test('a model with 2.56 GB of weights in a Hugging Face cache is sampled, with little of it in memory', async (t) => {
  const rows = 40_000_000
  const cache = newFolder()
  mkdirSync(join(cache, 'blobs'))
  // The table's last row, 2.56 GB behind its start, times the state; found by a number that depends on an input, or the graph would be folded. The file is sparse: it takes a page of the disk.
  const folder = folderWith({ a: network([
    { op: 'Mul', inputs: ['timestep', 'zero'], output: 't0' }, { op: 'Cast', inputs: ['t0'], output: 'i0', ints: { to: 7 } }, { op: 'Add', inputs: ['i0', 'last'], output: 'i' },
    { op: 'Gather', inputs: ['table', 'i'], output: 'row' }, { op: 'Reshape', inputs: ['row', 'image'], output: 'w' }, { op: 'Mul', inputs: ['sample', 'w'], output: 'out_sample' },
  ], { constants: [
    { name: 'zero', values: [0] }, { name: 'last', type: 'int64', dims: [1], values: [rows - 1] }, { name: 'image', type: 'int64', dims: [4], values: [1, 1, 4, 4] },
    { name: 'table', dims: [rows, 16], values: [], external: 'model.onnx_data', length: rows * 64 },
  ] }) })
  symlinkSync(join(folder, 'a'), join(cache, 'blobs/a'))
  const weights = openSync(join(cache, 'blobs/b'), 'w')
  ftruncateSync(weights, rows * 64)
  writeSync(weights, rawData({ values }), 0, 64, (rows - 1) * 64)
  closeSync(weights)
  const file = snapshot(cache, { 'model.onnx': 'a', 'model.onnx_data': 'b' })
  const scratch = newFolder()
  const client = clientFor(t, { env: { DPM_SCRATCH: scratch } })
  const { pid } = await client.start()
  const run = start(recipe((r) => { r.model.path = file; r.solver.steps = 5 }))
  const { outcome, error } = await client.run(run)
  assert.equal(outcome, 'finished', error?.message)
  const same = folderWith({ 'model.onnx': network([{ op: 'Mul', inputs: ['sample', 'w'], output: 'out_sample' }], { constants: [{ name: 'w', dims: [1, 1, 4, 4], values }] }) })
  const small = start(recipe((r) => { r.model.path = join(same, 'model.onnx'); r.solver.steps = 5 }))
  if (existsSync(`/proc/${pid}/status`)) {
    const peak = Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1000
    console.log(`largest resident memory of the engine: ${peak.toFixed(0)} MB`)
    assert.ok(peak < 1000, `${peak} MB`)
  }
  await client.run(small)
  assert.deepEqual(readFolder(run.folder).states, readFolder(small.folder).states)
  assert.equal((await client.inspect(file, cpu)).facts.bytes, statSync(file).size + rows * 64)
  assert.deepEqual(readdirSync(scratch), [])
})
