import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { providerName } from '../../../src/protocol/providerNames'
import { readDocument } from '../../../src/run/runFormat'
import type { RunDocument } from '../../../src/protocol/run'
import type { EngineClient } from '../../../src/run/engineClient'
import type { Recipe } from '../../../src/recipe/recipe'
import { carryOut, largest } from './digits'
import { evaluatingServer, json, listening, type Asked, type StubOptions } from './oipServer'
import { newFolder } from './testModels'
import { clientFor, cpu, readFolder, recipe, start } from './withClient'

const graph = resolve('media/models/digits/unet/model.onnx')

interface Served { url: string; asked: Asked[]; batches: number[]; most: () => number }
async function served(t: TestContext, options: Partial<StubOptions> = {}): Promise<Served> {
  const { answer, batches, most } = await evaluatingServer({ graph, model: 'digits', ...options })
  const { url, asked } = await listening(t, answer)
  return { url, asked, batches, most }
}

const digits = (batch: number, steps = 6): Recipe => recipe((made) => {
  Object.assign(made.noise, { batch })
  Object.assign(made.solver, { steps })
  made.guidance.scale = 2
  made.conditioning.classLabel = [0, 1, 2]
})

async function through(client: EngineClient, made: Recipe, server: string): Promise<{ document: RunDocument; states: Float32Array; folder: string; outcome: string }> {
  const run = start(made, { engine: { ...cpu, server } })
  const { outcome, error } = await client.run(run)
  assert.equal(error, undefined)
  return { ...readFolder(run.folder), folder: run.folder, outcome }
}

test('a run that a server evaluates equals the one here, and its document says who evaluated', async (t) => {
  const client = clientFor(t)
  const here = await carryOut(client, digits(3))
  for (const options of [{}, { binary: false }, { metadata: false }, { maxBatch: 4 }] satisfies Partial<StubOptions>[]) {
    const { url, asked } = await served(t, options)
    const { document, states, outcome } = await through(client, digits(3), url)
    assert.equal(outcome, 'finished')
    const gap = largest(states, here.states)
    assert.ok(gap <= 1e-6, `${JSON.stringify(options)}: ${gap}`)
    assert.equal(document.engine.provider, 'server')
    assert.deepEqual(document.engine.server, { url: `${url}/v2/models/digits`, name: 'stub', version: '1.2.3', platform: 'onnxruntime_onnx', modelVersion: '1' })
    assert.deepEqual([document.model.graph, document.model.bytes, document.model.name], [`${url}/v2/models/digits`, 0, 'digits'])
    assert.deepEqual(document.model.schedule, here.document.model.schedule)
    assert.deepEqual(readDocument(document)?.engine.server, document.engine.server)
    const ids = asked.filter(({ method }) => method === 'POST').map(({ body, headers }) => (JSON.parse(body.subarray(0, Number(headers['inference-header-content-length'] ?? body.length)).toString()) as { id: unknown }).id)
    assert.ok(ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length)
    t.diagnostic(`${JSON.stringify(options)}: largest difference ${gap}, ${ids.length} requests`)
  }
  assert.equal(providerName('server'), 'server')
})

test('a batch above the server’s largest goes in several requests, several at a time and never more', async (t) => {
  const client = clientFor(t)
  const here = await carryOut(client, digits(11, 3))
  // Requests wait for each other: until four have come, or the last of the six that an evaluation takes. One after the other, each would wait for long.
  const waiting: (() => void)[] = []
  let came = 0
  const { url, batches, most } = await served(t, {
    maxBatch: 4, wait: () => new Promise((resolve) => {
      setTimeout(resolve, 30_000).unref()
      waiting.push(resolve)
      came++
      if (waiting.length === 4 || came % 6 === 0) for (const go of waiting.splice(0)) go()
    }),
  })
  const { states } = await through(client, digits(11, 3), url)
  assert.ok(largest(states, here.states) <= 1e-6)
  // Guidance makes 22 of 11.
  assert.deepEqual([...batches].sort((a, b) => b - a), [...Array<number>(15).fill(4), 2, 2, 2])
  assert.equal(most(), 4)
  t.diagnostic(`requests of ${batches.join(', ')} items; at most ${most()} at a time`)
})

test('the graph need not be here: the folder says schedule and labels, the server the rest; a name alone will do', async (t) => {
  const folder = join(newFolder(), 'digits')
  cpSync('media/models/digits', folder, { recursive: true })
  rmSync(join(folder, 'unet', 'model.onnx'))
  const { url } = await served(t)
  const client = clientFor(t)
  const { facts, provider } = await client.inspect(folder, { ...cpu, server: url })
  assert.equal(provider, 'server')
  assert.deepEqual([facts.shape, facts.classes?.count, facts.classes?.names.length, facts.scheduleAssumed], [[1, 32, 32], 10, 10, false])
  // Without any file the number of classes is asked of the network itself.
  const { facts: bare } = await client.inspect(join(newFolder(), 'digits'), { ...cpu, server: url })
  assert.deepEqual([bare.shape, bare.classes?.count, bare.scheduleAssumed], [[1, 32, 32], facts.classes!.count, true])
  const { facts: named } = await client.inspect(join(newFolder(), 'other'), { ...cpu, server: `${url}/v2/models/digits` })
  assert.equal(named.graph, `${url}/v2/models/digits`)
  await assert.rejects(client.inspect(join(newFolder(), 'other'), { ...cpu, server: url }), { reason: 'serverFailed', message: /has no model other \(HTTP 404\)/ })
  const silent = await served(t, { metadata: false })
  await assert.rejects(client.inspect(folder, { ...cpu, server: silent.url }), { reason: 'serverFailed', message: /does not say what inputs and outputs/ })
})

test('the token travels to its server alone and is written nowhere', async (t) => {
  const [mine, other] = [await served(t), await served(t)]
  const lines: string[] = []
  let tokens: Record<string, string> = { [mine.url]: 'a-secret-token' }
  const client = clientFor(t, { serverTokens: async () => tokens, onLog: ({ text }) => { lines.push(text) }, trace: true })
  const { folder } = await through(client, digits(1, 2), mine.url)
  await through(client, digits(1, 2), other.url)
  assert.deepEqual([...new Set(mine.asked.map(({ headers }) => headers.authorization))], ['Bearer a-secret-token'])
  assert.deepEqual([...new Set(other.asked.map(({ headers }) => headers.authorization))], [undefined])
  for (const file of readdirSync(folder)) assert.ok(!readFileSync(join(folder, file)).includes('a-secret-token'), file)
  assert.ok(lines.some((line) => line.includes('engine/tokens')) && !lines.join('\n').includes('a-secret-token'))
  tokens = { [mine.url]: 'another' }
  await client.tokensChanged()
  await through(client, digits(1, 2), mine.url)
  assert.equal(mine.asked.at(-1)!.headers.authorization, 'Bearer another')
  await client.kill()
  await through(client, digits(1, 2), mine.url)
  assert.equal(mine.asked.at(-1)!.headers.authorization, 'Bearer another')
})

test('a run stops between evaluations, and a server that goes keeps the steps that were made', async (t) => {
  const client = clientFor(t)
  let evaluations = 0
  const run = start(digits(1, 12))
  const stopping = await served(t, { wait: async () => { if (++evaluations === 4) await client.stop(run.runId) } })
  run.engine = { ...cpu, server: stopping.url }
  const stopped = await client.run(run)
  assert.deepEqual([stopped.outcome, stopped.evaluations, evaluations], ['stopped', 4, 4])

  const { answer } = await evaluatingServer({ graph, model: 'digits' })
  let left = 5
  const going = await listening(t, (asked, response, request) => {
    if (asked.method === 'POST' && left-- <= 0) { request.socket.destroy(); going.server.close(); return }
    return answer(asked, response, request)
  })
  const broken = start(digits(1, 12), { engine: { ...cpu, server: going.url } })
  const end = await client.run(broken)
  assert.deepEqual([end.outcome, end.rows, end.error?.reason], ['failed', 5, 'serverFailed'])
  assert.equal(readFolder(broken.folder).events.length, 6)
  t.diagnostic(`${end.error?.message} ${end.error?.advice}`)
  // The next run, on another server, works in the same engine.
  assert.equal((await through(client, digits(1, 2), (await served(t)).url)).outcome, 'finished')
})

test('formulas are evaluated here, whatever server is named', async (t) => {
  const { document } = await through(clientFor(t), recipe((made) => { made.model.path = 'gaussian'; made.solver.steps = 3 }), 'http://127.0.0.1:1')
  assert.deepEqual([document.engine.provider, document.engine.server], ['closedForm', undefined])
})

test('a network that gives what is no number is told as one that is evaluated here, without the CPU as a remedy', async (t) => {
  const { answer } = await evaluatingServer({ graph, model: 'digits', binary: false })
  const { url } = await listening(t, (asked, response, request) => asked.method === 'POST'
    ? json(response, { outputs: [{ name: 'out_sample', datatype: 'FP32', shape: [1, 1, 32, 32], data: Array(1024).fill(null) }] })
    : answer(asked, response, request))
  const { error } = await clientFor(t).run(start(recipe((made) => { made.solver.steps = 3 }), { engine: { ...cpu, server: url } }))
  assert.equal(error?.reason, 'nonFinite')
  assert.notDeepEqual(error.remedy, { title: 'Use CPU', command: 'useCpu' })
})
