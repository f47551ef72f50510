import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usualPreview, type RunView } from '../../../src/protocol/view'
import { readOnlyState } from '../../../src/views/readOnlyState'
import { recipe } from '../recipe/facts'
import { document } from '../run/folder'

const view: RunView = { runId: 'run-1', name: null, status: 'running', document: document(), rows: [], loading: null, error: null, stopOverdue: false, ms: null }

test('the page of one run knows of the machine that samples, where it is another one: what it fetches goes over the wire', () => {
  const here = readOnlyState('/runs/run-1', view, null, { recipe: recipe() }, usualPreview)
  assert.equal('remote' in here, false)
  const there = readOnlyState('/runs/run-1', view, null, { recipe: recipe(), remote: 'SSH: gpu-box' }, usualPreview)
  assert.deepEqual(there, { ...here, remote: 'SSH: gpu-box' })
})

test('and shows its recipe; where there is no run to show that of the form stands in', () => {
  const form = recipe({ 'noise.batch': 5 })
  assert.deepEqual(readOnlyState('/runs/run-1', { ...view, live: true }, null, { recipe: form }, usualPreview), { ...readOnlyState('/runs/run-1', view, null, { recipe: form }, usualPreview), recipe: document().recipe, run: view })
  const gone = readOnlyState('/runs/run-1', { message: 'It was deleted.', advice: 'Close this tab.' }, null, { recipe: form }, usualPreview)
  assert.deepEqual([gone.recipe, gone.run, gone.deleted?.message], [form, null, 'It was deleted.'])
})
