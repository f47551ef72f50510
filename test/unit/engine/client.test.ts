import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { engineLog, engineProtocol, serverTokens, type LogLine, type RunRows } from '../../../src/protocol/engine'
import { EngineClient } from '../../../src/run/engineClient'
import type { DpmError } from '../../../src/sampler/errors'
import { folderWith, half, newFolder, slow } from './testModels'
import { alive, clientFor, cpu, enginePath, readFolder, recipe, start, until } from './withClient'

const long = (steps = 500): ReturnType<typeof start> => start(recipe((r) => { r.solver.steps = steps; r.noise.batch = 2 }))
/** A run whose evaluations, after the first, take seconds: nothing but the end of the process ends one. */
const stuck = (): ReturnType<typeof start> => start(recipe((r) => { r.model.path = folderWith({ 'model.onnx': slow(1500, 60) }) }))

test('stop keeps exactly the finished steps', async (t) => {
  const client = clientFor(t)
  for (const method of ['multistep', 'singlestep'] as const) {
    const run = start(recipe((r) => { r.solver.steps = 900; r.solver.method = method; r.solver.order = method === 'multistep' ? 2 : 3 }))
    let last = -1
    const ending = client.run(run, { rows: ({ rows }) => { last = rows.at(-1)!.row } })
    await until(() => last >= 3, 'rows')
    assert.equal(await client.stop(run.runId), true)
    const end = await ending
    assert.equal(end.outcome, 'stopped')
    assert.equal(end.error, undefined)
    assert.ok(end.rows > 3 && end.evaluations < 900)
    assert.equal(last, end.rows - 1, 'the last row did not arrive')
    const { events, states, document } = readFolder(run.folder)
    assert.equal(events.length, end.rows + 1)
    assert.deepEqual(events.at(-1), end)
    assert.equal(states.byteLength, end.rows * document.states.rowBytes)
  }
  assert.equal(await client.stop('no such run'), false)
})

for (const [what, started] of [['model loads', true], ['engine starts', false]] as const) {
  test(`a stop that comes while the ${what} ends the run before its first evaluation`, async (t) => {
    const client = clientFor(t)
    if (started) await client.start()
    const run = long()
    const ending = client.run(run)
    assert.equal(await client.stop(run.runId), true) // sent right behind the run: an engine that got it later might have loaded by then
    const end = await ending
    assert.deepEqual([end.outcome, end.rows, end.evaluations], ['stopped', 0, 0])
    assert.deepEqual(readFolder(run.folder).events, [end])
  })
}

test('kill −9 during a run: the run is rejected with the step, the recording is readable and closed, the next run works', async (t) => {
  const exits: boolean[] = []
  const client = clientFor(t, { onExit: ({ expected }) => exits.push(expected) })
  const { pid } = await client.start()
  const run = long()
  let last = -1
  const ending = client.run(run, { rows: ({ rows }) => { last = rows.at(-1)!.row } })
  await until(() => last >= 3, 'rows')
  process.kill(pid, 'SIGKILL')
  await assert.rejects(ending, { reason: 'engineExited', message: /SIGKILL\) during step \d+ of 500/, advice: /memory/, remedy: { title: 'Run Again', command: 'runAgain' } })
  const { events, states, document } = readFolder(run.folder)
  const end = events.at(-1)
  assert.ok(end?.event === 'end' && end.outcome === 'failed' && end.error?.reason === 'engineExited')
  assert.equal(end.rows, events.length - 1)
  assert.ok(end.rows > last)
  assert.ok(states.byteLength >= end.rows * document.states.rowBytes)
  assert.deepEqual(exits, [false])
  assert.equal((await client.run(start(recipe()))).outcome, 'finished')
  assert.notEqual((await client.start()).pid, pid)
})

test('stop ends an engine whose evaluation does not end in time; that is a stopped run, and the next one works', async (t) => {
  const client = clientFor(t, { killAfterSeconds: 0.2 })
  const { pid } = await client.start()
  const run = stuck()
  let rows = 0
  const ending = client.run(run, { rows: () => { rows++ } })
  await until(() => rows > 0, 'the first row')
  const asked = client.stop(run.runId).catch(() => undefined)
  const end = await ending
  await asked
  assert.deepEqual([end.outcome, end.rows, end.error], ['stopped', 1, undefined])
  assert.deepEqual(readFolder(run.folder).events.at(-1), end)
  assert.equal(alive(pid), false)
  assert.equal((await client.run(start(recipe()))).outcome, 'finished')
})

test('kill ends a going run as stopped and rejects what else is pending', async (t) => {
  const client = clientFor(t)
  const run = stuck()
  let rows = 0
  const ending = client.run(run, { rows: () => { rows++ } })
  await until(() => rows > 0, 'the first row')
  const pending = client.inspect('emoji', cpu)
  await assert.rejects(client.run(long()), { reason: 'engineProtocol', message: /not over/ })
  const [, end] = await Promise.all([client.kill(), ending, assert.rejects(pending, { reason: 'engineExited' })])
  assert.equal(end.outcome, 'stopped')
  await client.kill()
})

test('restart gives another process; after dispose there is none', async (t) => {
  const client = clientFor(t)
  const first = await client.start()
  const second = await client.restart()
  assert.notEqual(second.pid, first.pid)
  assert.equal(alive(first.pid), false)
  await client.dispose()
  assert.equal(alive(second.pid), false)
  await assert.rejects(async () => client.start(), { reason: 'engineExited' })
})

test('another model can be looked at during a run, which goes on', async (t) => {
  const client = clientFor(t)
  const run = long(60)
  let last = -1
  const ending = client.run(run, { rows: ({ rows }) => { last = rows.at(-1)!.row } })
  await until(() => last >= 0, 'rows')
  assert.equal((await client.inspect('emoji', cpu)).facts.name, 'emoji')
  const end = await ending
  assert.deepEqual([end.outcome, end.rows], ['finished', 61])
})

test('pixels wait for their acknowledgement, rows do not', async (t) => {
  const client = clientFor(t)
  const preview = { maxSize: 64, every: 1 }
  const silent: RunRows[] = []
  // Of a model whose evaluations take next to nothing: on a slow machine the rows of others are further apart than messages.
  await client.run(start(recipe((r) => { r.model.path = folderWith({ 'model.onnx': half() }); r.solver.steps = 100 }), { preview }), { rows: (event) => silent.push(event) })
  assert.equal(silent.filter(({ frames }) => frames).length, 1)
  assert.equal(silent.flatMap(({ rows }) => rows).length, 101)
  assert.ok(silent.length < 101, 'rows were not batched')
  let frames = 0
  await client.run(start(recipe((r) => { r.solver.steps = 200 }), { preview }), { rows: ({ runId, frames: pixels }) => { if (pixels) { frames++; client.ackFrames(runId, pixels.row) } } })
  assert.ok(frames > 2, `${frames} frames`)
})

/** A process that starts an engine, prints its process id when it is ready (and samples), and would wait for ever. */
function hostProcess(t: TestContext, request: object | null): Promise<{ host: ReturnType<typeof spawn>; pid: number }> {
  const script = `
    const engine = require('node:child_process').fork(${JSON.stringify(enginePath)}, [], { serialization: 'advanced', execArgv: [] })
    engine.send({ kind: 'request', id: 1, name: 'engine/hello', params: { protocol: ${engineProtocol} } })
    const run = ${JSON.stringify(request)}
    if (run) engine.send({ kind: 'request', id: 2, name: 'run/start', params: run })
    engine.on('message', ({ id, name }) => { if (run ? name === 'run/rows' : id === 1) console.log(engine.pid) })`
  const host = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => host.kill('SIGKILL'))
  return new Promise((resolve) => { host.stdout.once('data', (data: Buffer) => { resolve({ host, pid: parseInt(data.toString(), 10) }) }) })
}

test('the engine exits when its host is gone, idle or sampling', async (t) => {
  for (const request of [null, start(recipe((r) => { r.solver.steps = 1000; r.noise.batch = 4 }))]) {
    const { host, pid } = await hostProcess(t, request)
    assert.ok(alive(pid))
    host.kill('SIGKILL')
    await until(() => !alive(pid), 'the engine to exit')
  }
})

test('an engine or a host of another version is refused', async (t) => {
  const fake = folderWith({ 'engine.js': `process.on('message', ({ id }) => process.send({ kind: 'result', id, result: { protocol: 999, backends: [] } }))` })
  await assert.rejects(clientFor(t, { enginePath: join(fake, 'engine.js') }).start(), { reason: 'engineProtocol', message: /999/ })
})

test('an engine that cannot start says why', async (t) => {
  await assert.rejects(clientFor(t, { enginePath: join(newFolder(), 'engine.js') }).start(), { reason: 'engineExited', message: /code 1\), saying “Error: Cannot find module/ })
  await assert.rejects(clientFor(t, { execPath: join(newFolder(), 'node') }).start(), { reason: 'engineExited', message: /could not be started.*ENOENT/ })
  const failing = clientFor(t, { enginePath: join(folderWith({ 'engine.js': 'process.exit(134)' }), 'engine.js') })
  await assert.rejects(failing.run(start(recipe())), (error: DpmError) => error.reason === 'engineExited' && /code 134/.test(error.message) && /memory/.test(error.advice))
})

test('the engine keeps to its own folders: no telemetry, no files in the user’s', async (t) => {
  const home = newFolder()
  const client = clientFor(t, { env: { HOME: home, USERPROFILE: home, XDG_CACHE_HOME: home, LOCALAPPDATA: home, TMPDIR: home, TEMP: home, TMP: home, ORT_DISABLE_TELEMETRY: '0' } })
  assert.equal((await client.run(start(recipe()))).outcome, 'finished')
  await client.dispose()
  assert.deepEqual(readdirSync(home, { recursive: true }), [])
})

test('what the engine’s libraries print goes to the log line by line, without colours', async (t) => {
  const lines: LogLine[] = []
  const talking = folderWith({ 'engine.js': `process.stderr.write('\\u001b[1;31mone\\u001b[m\\n\\n  two\\nthree'); process.stdout.write('four\\n'); process.on('disconnect', () => process.exit()); setTimeout(() => process.exit(3), 50)` })
  await assert.rejects(clientFor(t, { enginePath: join(talking, 'engine.js'), onLog: (line) => lines.push(line) }).start())
  await until(() => lines.length >= 5, 'lines')
  assert.deepEqual(lines.filter(({ level }) => level === 'debug').map(({ text }) => text).sort(), ['four', 'one', 'three', 'two'])
})

if (process.platform !== 'win32') {
  test('a disk that takes no more ends the run as failed with whole rows', async (t) => {
    // No file may grow beyond 40 blocks of 512 or 1,024 bytes: a stand-in for a full disk.
    const limited = join(folderWith({ node: `#!/bin/sh\ntrap '' XFSZ\nulimit -f 40\nexec "${process.execPath}" "$@"\n` }), 'node')
    chmodSync(limited, 0o755)
    const client = clientFor(t, { execPath: limited })
    const run = start(recipe((r) => { r.solver.order = 1; r.solver.steps = 15 }))
    const end = await client.run(run)
    assert.deepEqual([end.outcome, end.error?.reason, end.error?.remedy], ['failed', 'runFolder', { title: 'Open Settings', command: 'openSettings' }])
    const { events, states, document } = readFolder(run.folder)
    assert.deepEqual(events.at(-1), end)
    assert.ok(end.rows >= 2 && end.rows < 15)
    assert.equal(events.length, end.rows + 1)
    assert.equal(states.byteLength, end.rows * document.states.rowBytes)
  })
}

test('a torn last line is closed before the end is written', async (t) => {
  const client = clientFor(t)
  const { pid } = await client.start()
  const run = long()
  let last = -1
  const ending = client.run(run, { rows: ({ rows }) => { last = rows.at(-1)!.row } })
  await until(() => last >= 1, 'rows')
  process.kill(pid, 'SIGSTOP')
  const file = join(run.folder, 'events.jsonl')
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"event":"row","row":9`)
  process.kill(pid, 'SIGKILL')
  await assert.rejects(ending, { reason: 'engineExited' })
  const { events } = readFolder(run.folder)
  assert.equal(events.at(-1)?.event, 'end')
  assert.ok(events.slice(0, -1).every((event) => event.event === 'row'))
})

test('an estimation that could not begin does not stand in the way of the next', async () => {
  const client = new EngineClient({ enginePath })
  await client.dispose()
  const ask = (): Promise<unknown> => client.estimate({ estimateId: 'e', model: recipe().model, images: null, count: 1, levels: 1, seed: '0', engine: cpu }, () => {}, new AbortController().signal)
  for (const time of ['first', 'second']) await assert.rejects(ask(), { reason: 'engineExited' }, time)
})

test('tokens that were read before a change and come after it are not the ones an engine has', async (t) => {
  const engine = join(newFolder(), 'engine.js')
  writeFileSync(engine, `
    process.on('message', ({ kind, id, name, params }) => {
      if (kind === 'request') process.send({ kind: 'result', id, result: { protocol: ${engineProtocol}, version: '', pid: process.pid, node: '', execPath: '', onnxruntime: '', backends: [] } })
      else process.send({ kind: 'message', name: ${JSON.stringify(engineLog.name)}, params: { level: 'info', text: name + ' ' + JSON.stringify(params) } })
    })`)
  const reads: ((token: string) => void)[] = []
  const heard: string[] = []
  const client = clientFor(t, {
    enginePath: engine, onLog: ({ text }) => { if (text.startsWith(serverTokens.name)) heard.push(text.slice(serverTokens.name.length + 1)) },
    serverTokens: () => new Promise((resolve) => { reads.push((token) => { resolve({ 'http://server': token }) }) }),
  })
  const started = client.start()
  await until(() => reads.length === 1, 'the first reading')
  const changed = client.tokensChanged()
  await until(() => reads.length === 2, 'the second reading')
  reads[1]!('new')
  await changed
  reads[0]!('old')
  await until(() => reads.length === 3 || heard.length > 1, 'the first is read again')
  reads[2]?.('new')
  await started
  await until(() => heard.length === 2, 'tokens')
  assert.deepEqual(heard.map((text) => JSON.parse(text) as unknown), Array(2).fill({ tokens: { 'http://server': 'new' } }))
})
