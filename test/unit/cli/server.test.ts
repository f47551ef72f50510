import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { decodePng } from '../../../src/formats/png'
import { evaluatingServer, listening } from '../engine/oipServer'
import { run, sample, workFolder } from './run'

const pixels = (file: string): ReturnType<typeof decodePng> => decodePng(readFileSync(file))

test('--server has a server draw the same images, with the token of the environment, which is written nowhere', async (t) => {
  const { answer } = await evaluatingServer({ graph: resolve('media/models/digits/unet/model.onnx'), model: 'digits', maxBatch: 2 })
  const { url, asked } = await listening(t, answer)
  const folder = workFolder()
  const options = ['--model', 'digits', '--batch', '3', '--steps', '5', '--seed', '4', '--class-label', '7', '--out', 'out']
  process.env['DPM_SERVER_TOKEN'] = 'a-secret-token'
  t.after(() => { delete process.env['DPM_SERVER_TOKEN'] })
  const there = await sample([...options, '--server', url], folder)
  const here = await sample(options, folder)
  assert.deepEqual([there.provider, here.provider], ['server', 'cpu'])
  assert.deepEqual((there as unknown as { server: { url: string } }).server.url, `${url}/v2/models/digits`)
  there.images.forEach((image, k) => { assert.deepEqual(pixels(image), pixels(here.images[k]!)) })
  assert.deepEqual([...new Set(asked.map(({ headers }) => headers.authorization))], ['Bearer a-secret-token'])
  for (const file of readdirSync(there.runFolder)) assert.ok(!readFileSync(join(there.runFolder, file)).includes('a-secret-token'), file)

  const { code, stdout, stderr } = await run(['sample', ...options, '--server', 'http://me:hidden@host', '--json'], folder)
  assert.equal(code, 1)
  assert.equal((JSON.parse(stdout) as { error: { reason: string } }).error.reason, 'serverFailed')
  assert.ok(!/hidden/.test(stdout + stderr))
})
