import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Api } from '../../src/extension'
import { activated, configure, generate, run, tidy } from './host'

/** A network that predicts no noise at all: enough to be evaluated elsewhere. */
function zeros(authorized: (token: string | undefined) => void): Server {
  const floats = (name: string, shape: number[]): object => ({ name, datatype: 'FP32', shape })
  return createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      authorized(request.headers.authorization)
      const json = (value: object): void => { response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value)) }
      if (request.headers.authorization !== 'Bearer a-secret-token') { response.writeHead(401).end('{"error":"who are you?"}'); return }
      if (request.url === '/v2') return json({ name: 'zeros', version: '1', extensions: ['binary_tensor_data'] })
      if (request.url?.endsWith('/config')) { response.writeHead(404).end(); return }
      const image = [-1, 1, 32, 32]
      if (request.method === 'GET') return json({ name: 'digits', platform: 'none', inputs: [floats('sample', image), floats('timestep', [-1]), { ...floats('class_labels', [-1]), datatype: 'INT64' }], outputs: [floats('out_sample', image)] })
      const body = Buffer.concat(parts)
      const { inputs } = JSON.parse(body.subarray(0, Number(request.headers['inference-header-content-length'])).toString()) as { inputs: { name: string; shape: number[] }[] }
      const { shape } = inputs.find(({ name }) => name === 'sample')!
      const bytes = 4 * shape.reduce((product, n) => product * n, 1)
      const head = Buffer.from(JSON.stringify({ outputs: [{ ...floats('out_sample', shape), parameters: { binary_data_size: bytes } }] }))
      response.writeHead(200, { 'Inference-Header-Content-Length': head.length }).end(Buffer.concat([head, Buffer.alloc(bytes)]))
    })
  })
}

suite('an inference server', () => {
  let api: Api
  let server: Server
  let url: string
  const seen: (string | undefined)[] = []

  suiteSetup(async () => {
    api = await activated()
    server = zeros((token) => seen.push(token))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'engine.server': url, 'solver.steps': 4 }))
  teardown(() => tidy(api))
  suiteTeardown(async () => {
    await run('dpmSolver.setServerToken', { server: url, token: '' })
    server.closeAllConnections()
    server.close()
  })

  test('evaluates what the settings say, with the token of Set Server Token, which is in no file of the run and not in the log', async () => {
    const without = await generate()
    assert.equal(without.error?.reason, 'serverFailed')
    assert.deepEqual(without.error.remedy, { title: 'Set Server Token…', command: 'setServerToken' })
    assert.equal(await run('dpmSolver.setServerToken', { token: 'a-secret-token' }), url)
    const { outcome, folder, error } = await generate()
    assert.equal(outcome, 'finished', error?.message)
    const { engine, model } = api.state.run!.document!
    assert.deepEqual([engine.provider, engine.server?.url, engine.server?.name, model.graph], ['server', `${url}/v2/models/digits`, 'zeros', `${url}/v2/models/digits`])
    assert.equal(api.state.provider, 'server')
    for (const file of readdirSync(folder)) assert.ok(!readFileSync(join(folder, file)).includes('a-secret-token'), file)
    assert.ok(!api.logLines.join('\n').includes('a-secret-token'))
    assert.ok(api.logLines.some((line) => line.includes(`evaluated by ${url}/v2/models/digits (zeros 1 none)`)))
    assert.ok(seen.includes('Bearer a-secret-token'))
  })

  test('without the setting, the machine itself evaluates again', async () => {
    await configure({ 'engine.server': '' })
    await generate()
    const { provider, server: there } = api.state.run!.document!.engine
    assert.deepEqual([provider, there], ['cpu', undefined])
  })
})
