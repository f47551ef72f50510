import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { decode } from 'fast-png'
import { parseJson } from '../../../src/protocol/json'
import { saveImages } from '../../../src/run/exports/savedImages'
import { openRun, type StoredRun } from '../../../src/run/store'
import { DpmError } from '../../../src/sampler/errors'
import { document, temporary, value, writeRun } from './folder'

const recorded = async (rows = 4): Promise<{ run: StoredRun; root: string }> => {
  const root = temporary()
  return { run: await openRun(writeRun(root, document(), rows)), root }
}

test('each image of the batch is a file of its own, named by its seed, with what it was made by', async () => {
  const { run, root } = await recorded()
  const folder = join(root, 'deep', 'samples')
  const files = await saveImages(run, { folder, fileName: '${model}-${seed}', metadata: 'full', method: 'auto' })
  assert.deepEqual(files, [join(folder, 'rings-7.png'), join(folder, 'rings-8.png')])
  assert.deepEqual(readdirSync(folder).sort(), files.map((file) => basename(file)))
  for (const [item, file] of files.entries()) {
    const { width, height, channels, data, text } = decode(readFileSync(file))
    assert.deepEqual([width, height, channels], [2, 2, 1])
    assert.deepEqual([...data], [0, 1, 2, 3].map((v) => Math.min(255, (value(3, 'x', 4 * item + v) + 1) * 127.5)))
    assert.match(text['parameters']!, new RegExp(`Seed: ${7 + item}\\b`))
    assert.equal((parseJson(text['dpm-solver']!) as { item: number }).item, item)
  }
  const [bare] = await saveImages(run, { folder, fileName: 'bare', metadata: 'none', method: 'auto' })
  assert.deepEqual(decode(readFileSync(bare!)).text ?? {}, {})
})

test('no file is written over: a name that is taken gets a number', async () => {
  const { run, root } = await recorded()
  writeFileSync(join(root, 'one.png'), 'mine')
  const all = [await saveImages(run, { folder: root, fileName: 'one', metadata: 'full', method: 'auto' }), await saveImages(run, { folder: root, fileName: 'one', metadata: 'full', method: 'auto' })].flat()
  assert.deepEqual(all.map((file) => basename(file)), ['one-2.png', 'one-3.png', 'one-4.png', 'one-5.png'])
  assert.equal(readFileSync(join(root, 'one.png'), 'utf8'), 'mine')
})

test('where it cannot be written the error says so, and which setting helps', async () => {
  const { run, root } = await recorded()
  writeFileSync(join(root, 'file'), '')
  const error = await saveImages(run, { folder: join(root, 'file', 'samples'), fileName: 'one', metadata: 'full', method: 'auto' }).then(() => undefined, (thrown: unknown) => thrown)
  assert.ok(error instanceof DpmError && error.reason === 'outputFile')
  assert.match(error.message, /^The images of the run could not be saved in .*samples: a part of its path is a file\.$/)
  assert.match(error.advice, /“Output: Folder”/)
  assert.ok(!existsSync(join(root, 'file', 'samples')))
})

test('a run without a row has no image', async () => {
  const { run, root } = await recorded(0)
  assert.deepEqual(await saveImages(run, { folder: join(root, 'samples'), fileName: 'one', metadata: 'full', method: 'auto' }), [])
})
