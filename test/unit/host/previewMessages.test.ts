import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { FromPage } from '../../../src/protocol/view'
import { toWire } from '../../../src/protocol/wire'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { parseFromPage } from '../../../src/views/previewMessages'

const recipe = defaultRecipe()
const runId = '20260102-030405-4f2a'

suite('messages of the page', () => {
  const good: FromPage[] = [
    { type: 'ready', runId: null }, { type: 'ready', runId }, { type: 'recipe', recipe }, { type: 'run', recipe }, { type: 'runLive', recipe }, { type: 'draft', refused: null }, { type: 'draft', refused: 'Steps must be a whole number.' }, { type: 'stop' }, { type: 'forceStop' },
    { type: 'frameAck', runId, row: 0 }, { type: 'frameRequest', runId, row: 1000 }, { type: 'frameRequest', runId, row: 3, small: true }, { type: 'thumbnailRequest', runId, rows: [0, 3] }, { type: 'statesRequest', runId, rows: [0, 256] },
    { type: 'browseFile', field: 'input.image' }, { type: 'browseFile', field: 'guidance.classifier' }, { type: 'command', command: 'dpmSolver.estimateVariance' },
    { type: 'browseModel' }, { type: 'saveDefaults', recipe }, { type: 'openSettings' }, { type: 'saveImage', runId, row: 2, what: 'x0' },
    { type: 'remedy', remedy: { title: 'Use CPU', command: 'useCpu' } }, { type: 'remedy', remedy: { title: 'Order 1', set: { 'solver.order': 1 } } },
    { type: 'dismissNotice' }, { type: 'dismissHint' }, { type: 'manageTrust' }, { type: 'showLog' }, { type: 'problem', text: 'CSP' },
    { type: 'video', job: 3, answer: { parts: [{ position: 0, data: Uint8Array.of(1, 2) }] } }, { type: 'video', job: 3, answer: { failed: 'noEncoder' } }, { type: 'video', job: 3, answer: { failed: 'encoder', text: 'no memory' } },
    { type: 'copyText', text: 'i,λ\n0,−1\n', what: 'Plan' }, { type: 'saveText', text: '<svg/>', name: 'λ, α, σ', kind: 'svg' }, { type: 'openText', text: '{}', language: 'json' },
  ]
  test('each kind is taken as it is', () => { for (const message of good) assert.deepEqual(parseFromPage(toWire(message)), message) })

  test('a run of the command line may be asked for by its name', () => {
    const id = '20260102-030405-digits-dpmsolver++-20-1234'
    assert.deepEqual(parseFromPage({ type: 'frameRequest', runId: id, row: 0 }), { type: 'frameRequest', runId: id, row: 0 })
  })

  test('what the page remembered of its last life may be anything', () => {
    for (const odd of ['../../etc', '..', '', 7, {}, undefined, 'a/b', 'a\\b']) assert.deepEqual(parseFromPage({ type: 'ready', runId: odd }), { type: 'ready', runId: null }, JSON.stringify(odd))
  })

  test('anything else is none', () => {
    const bad: unknown[] = [
      null, undefined, 7, 'stop', [], {}, { type: 'shutdown' }, { type: '__proto__' },
      { type: 'recipe' }, { type: 'run', recipe: { ...recipe, solver: { ...recipe.solver, steps: -1 } } }, { type: 'saveDefaults', recipe: 'all' },
      { type: 'frameAck', runId, row: -1 }, { type: 'frameAck', runId, row: 1.5 }, { type: 'frameAck', runId: '../x', row: 0 }, { type: 'frameRequest', runId, row: 20_000 }, { type: 'statesRequest', runId, rows: new Array(257).fill(0) },
      { type: 'thumbnailRequest', runId, rows: 5 }, { type: 'statesRequest', runId, rows: [-1] }, { type: 'thumbnailRequest', runId, rows: [0, 'x'] }, { type: 'thumbnailRequest', runId, rows: new Array(5000).fill(0) },
      { type: 'saveImage', runId, row: 0, what: 'eps' }, { type: 'remedy' }, { type: 'remedy', remedy: { title: 'x', command: 'rm' } },
      { type: 'remedy', remedy: { command: 'useCpu' } }, { type: 'remedy', remedy: { title: 'x', command: 'toString' } }, { type: 'problem', text: {} }, { type: 'draft' }, { type: 'draft', refused: 4 },
      { type: 'browseFile' }, { type: 'browseFile', field: 'model.path' }, { type: 'browseFile', field: 'toString' }, { type: 'command', command: 'workbench.action.quit' }, { type: 'command', command: 'dpmSolver.stop' },
      { type: 'video', job: '3', answer: { failed: 'noEncoder' } }, { type: 'video', job: 3, answer: { failed: 'else' } }, { type: 'video', job: 3, answer: { parts: [{ position: -1, data: new Uint8Array(1) }] } },
      { type: 'video', job: 3, answer: { parts: [{ position: 2 ** 50, data: new Uint8Array(1) }] } }, { type: 'video', job: 3, answer: { parts: [{ position: 0, data: [1] }] } }, { type: 'video', job: 3 },
      { type: 'copyText', text: 'x' }, { type: 'copyText', text: 7, what: 'Plan' }, { type: 'copyText', text: 'x'.repeat(2 ** 23 + 1), what: 'Plan' }, { type: 'copyText', text: '', what: 'x'.repeat(200) },
      { type: 'saveText', text: '', name: 'a', kind: 'exe' }, { type: 'saveText', text: '', name: 5, kind: 'csv' }, { type: 'openText', text: '' }, { type: 'openText', text: '', language: 'shellscript' },
    ]
    for (const message of bad) assert.equal(parseFromPage(message), undefined, JSON.stringify(message))
  })

  test('unknown fields of a recipe are left out, and a problem is cut to length', () => {
    assert.deepEqual(parseFromPage({ type: 'recipe', recipe: { ...recipe, extra: 1 } }), { type: 'recipe', recipe })
    const problem = parseFromPage({ type: 'problem', text: 'x'.repeat(1e6) })
    assert.ok(problem?.type === 'problem' && problem.text.length <= 2000)
  })
})
