// Install CUDA Runtime…: what the user is asked before the network is used, and Cancel on the way.
import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { until } from './helpers.mjs'

const version = '1.30.0'
const bytes = 2_500_000
const asked = []
let workbench, page, server

/** A feed whose package stops coming after a million bytes. */
function feed(request, response) {
  asked.push(request.url)
  const origin = `http://${request.headers.host}`
  const documents = {
    '/index.json': { resources: [{ '@id': `${origin}/flat/`, '@type': 'PackageBaseAddress/3.0.0' }, { '@id': `${origin}/registration/`, '@type': 'RegistrationsBaseUrl' }] },
    [`/registration/microsoft.ml.onnxruntime.gpu.linux/${version}.json`]: { catalogEntry: `${origin}/entry.json` },
    '/entry.json': { packageHash: Buffer.alloc(64, 1).toString('base64'), packageHashAlgorithm: 'SHA512', packageSize: bytes },
  }
  if (documents[request.url]) response.end(JSON.stringify(documents[request.url]))
  else response.writeHead(200, { 'Content-Length': bytes, 'ETag': '"one"' }).write(Buffer.alloc(1_000_000))
}

before(async () => {
  server = createServer(feed)
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  process.env.DPM_TEST_FEED = `http://127.0.0.1:${server.address().port}/index.json`
  workbench = await openWorkbench()
  page = workbench.page
})
after(async () => {
  await workbench?.close()
  delete process.env.DPM_TEST_FEED
  server.closeAllConnections()
  server.close()
})

const dialog = () => page.locator('.monaco-dialog-box')
/** The next question may be there at once: nobody waits for this one to go. */
const press = (name) => dialog().locator('.monaco-button', { hasText: name }).click({ timeout: 60_000 })
const dialogText = (pattern) => until('the question', () => dialog().innerText(), (text) => pattern.test(text))

describe('Install CUDA Runtime…', () => {
  it('says what is fetched from where and what the machine must have, and asks nobody before that is agreed to', async () => {
    await workbench.palette('DPM-Solver: Install CUDA Runtime…')
    const text = await dialogText(/Install the CUDA Runtime\?/)
    for (const part of ['Microsoft.ML.OnnxRuntime.Gpu.Linux 1.30.0', '127.0.0.1', 'NVIDIA GPU with its driver', 'cuDNN 9']) assert.ok(text.includes(part), `${part} in ${text}`)
    await press('Cancel')
    await dialog().waitFor({ state: 'hidden', timeout: 60_000 })
    assert.deepEqual(asked, [])
  })

  it('says the size before anything is downloaded; cancelled on the way, what came is kept', async () => {
    await workbench.palette('DPM-Solver: Install CUDA Runtime…')
    await dialogText(/Install the CUDA Runtime\?/)
    await press('Continue')
    const text = await dialogText(/Download 3 MB from 127\.0\.0\.1/)
    assert.match(text, /SHA-512/)
    assert.equal(asked.length, 3)
    await press('Download')
    await workbench.palette('Notifications: Show Notifications') // under test it shows none by itself
    const progress = page.locator('.notifications-center .notification-list-item', { hasText: '1 MB of 3 MB' })
    await progress.waitFor({ timeout: 60_000 })
    await progress.locator('.monaco-button', { hasText: 'Cancel' }).first().click({ timeout: 60_000 })
    await progress.waitFor({ state: 'hidden', timeout: 60_000 })
    const cuda = join(workbench.server.home, 'data/User/globalStorage/dpm-solver.dpm-solver/cuda')
    assert.equal(statSync(join(cuda, `Microsoft.ML.OnnxRuntime.Gpu.Linux.${version}.nupkg.part`)).size, 1_000_000)
    await until('the lock to go', async () => existsSync(join(cuda, 'lock')), (there) => !there)
    await workbench.palette('DPM-Solver: Remove CUDA Runtime')
    await until('the folder to go', async () => existsSync(cuda), (there) => !there)
  })
})
