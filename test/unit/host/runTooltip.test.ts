import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { setPath } from '../../../src/recipe/path'
import { openRun, type StoredRun } from '../../../src/run/store'
import { runTooltip } from '../../../src/views/runTooltip'
import { document, temporary, writeRun } from '../run/folder'

async function stored(rows: number, end?: object): Promise<StoredRun> {
  const root = temporary()
  try { return await openRun(writeRun(root, document(), rows, end ? [`${JSON.stringify({ event: 'end', rows, evaluations: rows, ms: 1500, ...end })}\n`] : [])) } finally { rmSync(root, { recursive: true }) }
}
const tooltip = (run: StoredRun): string => runTooltip(run, undefined, 'file:///run.json', 'en')

test('the tooltip of a run says how it ended, unless it was finished', async () => {
  const said = async (rows: number, end?: object): Promise<string> => tooltip(await stored(rows, end)).split('\n\n')[2]!.replaceAll('\\', '').split(/ in [\d.]+ s/)[0]!
  assert.equal(await said(4, { outcome: 'finished' }), '3 evaluations')
  assert.equal(await said(2, { outcome: 'stopped' }), 'stopped at 1/3 · 2 evaluations')
  assert.equal(await said(1), 'interrupted at 0/3 · 1 evaluation')
  const failed = { outcome: 'failed', error: { reason: 'model', message: 'The model failed.', advice: '' } }
  assert.equal(await said(3, failed), 'failed at 2/3 · 3 evaluations')
  assert.match(tooltip(await stored(3, failed)), /The model failed\\\./)
})

test('values stand in it as they are: nothing in quotes, and backticks', async () => {
  const run = await stored(4, { outcome: 'finished' })
  const value = (path: string): string => {
    const recipe = setPath(run.document.recipe, 'model.path', path)
    return tooltip({ ...run, document: { ...run.document, recipe } }).split('\n').find((line) => line.includes('Model'))!.split(' | ').at(-1)!
  }
  assert.equal(value('a.onnx'), '`a.onnx` |')
  assert.equal(value(''), '`""` |')
  assert.equal(value('a`b'), '`` a`b `` |')
  assert.equal(value('``a'), '``` ``a ``` |')
})
