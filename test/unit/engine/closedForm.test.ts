import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunRows } from '../../../src/protocol/engine'
import { analyticFacts, analyticModels } from '../../../src/recipe/analyticModels'
import { prepare } from '../../../src/recipe/prepare'
import { openRun } from '../../../src/run/store'
import { asNetwork } from '../../../src/sampler/analytic'
import { modelOf } from '../../../src/sampler/distribution'
import { batchNormals } from '../../../src/sampler/noise'
import { sample } from '../../../src/sampler/sample'
import { clientFor, cpu, readFolder, recipe, start } from './withClient'

test('a formula is known as a model without files, and says where it is evaluated, whatever the provider asked for', async (t) => {
  const client = clientFor(t)
  for (const definition of analyticModels) {
    for (const engine of [cpu, { provider: 'cuda', intraOpThreads: 0 } as const]) {
      const { facts, provider, tried } = await client.inspect(definition.name, engine)
      assert.deepEqual(facts, analyticFacts(definition))
      assert.deepEqual([provider, tried], ['closedForm', [{ provider: 'closedForm' }]])
    }
  }
})

test('a run of a formula is the closed form sampled directly, bit for bit, and is recorded like any other', async (t) => {
  const client = clientFor(t)
  for (const definition of analyticModels) {
    const made = recipe((r) => { r.model.path = definition.name; r.noise.batch = 5; r.solver.steps = 9; r.guidance.scale = 3 })
    const batches: RunRows[] = []
    const run = start(made, { preview: { maxSize: 256, every: 1 } })
    const end = await client.run(run, { rows: (rows) => { batches.push(rows); if (rows.frames) client.ackFrames(run.runId, rows.frames.row) } })
    assert.deepEqual([end.outcome, end.rows, end.evaluations], ['finished', 10, 9])

    const { document, states } = readFolder(run.folder)
    assert.deepEqual([document.shape, document.labels, document.model.graph, document.model.bytes, document.engine.provider], [[5, 2, 1, 1], null, '', 0, 'closedForm'])
    assert.deepEqual(document.plan.notes.filter((note) => note.includes('guidance')), [`The guidance scale 3 is not applied. ${definition.name} takes no class labels, so there is nothing to guide towards.`])
    const { plan, predictionType } = prepare(made, analyticFacts(definition))
    const network = asNetwork(modelOf(definition.distribution), 'epsilon')
    let row = 0
    for await (const { x, x0 } of sample({ plan, prediction: predictionType, x: batchNormals('7', 0, 5, 2), label: () => 0, evaluate: async (at, point) => Float32Array.from(await network(at, point)) })) {
      assert.deepEqual(states.subarray(20 * row, 20 * row + 10), x)
      assert.deepEqual(states.subarray(20 * row + 10, 20 * row + 20), x0)
      row++
    }
    assert.equal(row, 10)

    // What the panel draws from are the states themselves.
    const frames = batches.flatMap((batch) => batch.frames ?? [])
    assert.ok(frames.length > 0)
    for (const { row: at, states: sent } of frames) assert.deepEqual([sent?.x, sent?.x0], [states.slice(20 * at, 20 * at + 10), states.slice(20 * at + 10, 20 * at + 20)])
    const stored = await openRun(run.folder)
    assert.deepEqual([stored.outcome, stored.rows.length], ['finished', 10])
  }
})

test('a formula leaves room for Stop between two evaluations', async (t) => {
  const client = clientFor(t)
  const run = start(recipe((r) => { r.model.path = 'mixture2d'; r.noise.batch = 64; r.solver.steps = 1000 }))
  const end = await client.run(run, { rows: ({ rows }) => { if (rows.some(({ row }) => row === 0)) void client.stop(run.runId) } })
  console.log(`stopped after ${end.rows} rows`)
  assert.equal(end.outcome, 'stopped')
  assert.ok(end.rows < 1000)
})

test('the statistic of a formula is estimated like that of a network: of a Gaussian it is σ²/(α² s² + σ²), mean over the axes', async (t) => {
  const client = clientFor(t)
  const { distribution } = analyticModels[0]!
  assert.ok(distribution.kind === 'gaussian')
  const { statistic } = await client.estimate({ estimateId: 'e1', model: { ...recipe().model, path: 'gaussian' }, images: null, count: 4096, levels: 5, seed: '5', engine: cpu }, () => {}, new AbortController().signal)
  assert.ok(statistic)
  statistic.meanSquare.forEach((value, i) => {
    const [alpha2, sigma2] = [2, -2].map((sign) => 1 / (1 + Math.exp(-sign * statistic.lambda[i]!))) as [number, number]
    const exact = distribution.s.reduce((sum, s) => sum + sigma2 / (alpha2 * s * s + sigma2) / 2, 0)
    console.log(`λ ${statistic.lambda[i]!.toFixed(2)}: ${value.toFixed(4)} for ${exact.toFixed(4)}`)
    assert.ok(Math.abs(value / exact - 1) < 0.15, `${value} for ${exact}`)
  })
})
