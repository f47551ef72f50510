import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PreviewMethod } from '../../src/protocol/run'
import { usualPreview, type RunStatus, type ViewState } from '../../src/protocol/view'
import type { ModelFacts } from '../../src/recipe/model'
import { contactSheet } from '../../src/render/contactSheet'
import { shown } from '../../src/render/latents'
import { batchNormals } from '../../src/sampler/noise'
import { violations } from './axe'
import { Bench, type Host } from './harness'
import { hostOf, scale, unseen } from './inspecting'
import { digits, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
const recipe = recipeOf({ 'model.path': '/models/latent', 'noise.seed': 21, 'solver.steps': 5 })
const four: ModelFacts = { ...digits, path: '/models/latent', name: 'latent', shape: [4, 8, 8], classes: null }
const latent: ModelFacts = { ...four, latents: 'sd' }
const two: ModelFacts = { ...four, shape: [2, 8, 8] }
const all = { ...usualPreview, show: ['x', 'x0', 'eps', 'delta'] } as const
const recordings = new Map<ModelFacts, Recording>()
before(async () => {
  bench = await Bench.start()
  for (const facts of [four, latent, two, digits]) recordings.set(facts, await record(recipe, facts))
})
after(async () => { await bench.stop() })

const lines = (host: Host): Promise<string[]> => host.page.locator('figure').evaluateAll((figures) => figures.map((figure) => figure.querySelector('.colours > span:last-child')?.textContent ?? ''))
const empties = (host: Host): Promise<(string | null)[]> => host.page.locator('figure').evaluateAll((figures) => figures.map((figure) => figure.querySelector('.empty')?.textContent ?? null))
const state = (facts: ModelFacts, status: RunStatus, rows: number, more: Partial<ViewState> = {}): ViewState => stateOf(recipe, facts, { run: viewOf(recordings.get(facts)!, status, rows), ...more })

const channels = 'channels 1–3 as RGB'

test('frames of latents have approximate colours and say so; ε̂ and Δ, and states shown as pixels, say which channels they show', async () => {
  const cases = [[latent, 'auto', 'approximate colours', channels], [four, 'latentToRgb', 'approximate colours', channels], [four, 'auto', channels, channels], [two, 'auto', 'the first channel', 'the first channel'], [digits, 'latentToRgb', '', String(scale)]] as const
  for (const [facts, method, states, derived] of cases) {
    const host = await bench.open()
    await host.send({ type: 'state', state: state(facts, 'finished', 6, { preview: { ...all, method } }) })
    const { settled } = hostOf(host, recordings.get(facts)!)
    await settled()
    await host.page.keyboard.press('ArrowLeft') // at the last row there is no ε̂
    await settled()
    assert.deepEqual(await lines(host), [states, states, derived, derived], `${facts.shape[0]} channels, ${method}`)
    assert.equal((await host.page.locator('footer.status').innerText()).includes('clipped'), states !== 'approximate colours', 'latents have no range to be clipped to')
    if (facts === latent) assert.deepEqual(await violations(host), [])
    await host.page.close()
  }
})

test('the line below frames of latents takes its room from the plots', async () => {
  const host = await bench.open({ width: 1300, height: 900 })
  await host.send({ type: 'state', state: state(latent, 'finished', 6) })
  await hostOf(host, recordings.get(latent)!).settled()
  assert.equal(await host.page.locator('.colours').count(), 2)
  assert.deepEqual(await unseen(host), [])
  await host.page.close()
})

test('the noise that a run of latents would begin with has the colours of latents', async () => {
  for (const [facts, method, space] of [[latent, 'auto', 'sd'], [four, 'auto', null], [four, 'latentToRgb', 'sd']] as const) {
    const host = await bench.open()
    await host.send({ type: 'state', state: stateOf(recipe, facts, { preview: { ...usualPreview, method } }) })
    const seen = shown(batchNormals('21', 0, 1, 256), [1, 4, 8, 8], space)
    assert.deepEqual((await host.pixels('[data-frame=x]')).rgba, [...contactSheet(seen.values, seen.shape).rgba], `${method} ${space}`)
    assert.deepEqual(await lines(host), Array.from({ length: 2 }, () => space ? 'approximate colours' : channels))
    await host.page.close()
  }
})

test('pictures that were made another way are fetched anew', async () => {
  const host = await bench.open()
  const send = (method: PreviewMethod): Promise<void> => host.send({ type: 'state', state: state(four, 'finished', 6, { preview: { ...usualPreview, method } }) })
  const { settled } = hostOf(host, recordings.get(four)!)
  await send('auto')
  await settled()
  const before = [host.of('frameRequest').length, host.of('thumbnailRequest').length]
  await send('auto')
  await settled()
  assert.deepEqual([host.of('frameRequest').length, host.of('thumbnailRequest').length], before, 'nothing is asked for twice')
  await send('off')
  await settled()
  assert.deepEqual([host.of('frameRequest').length, host.of('thumbnailRequest').length], before, 'a recording has the same pictures')
  await send('latentToRgb')
  await settled()
  assert.deepEqual([...new Set(host.of('frameRequest').slice(before[0]).map(({ row }) => row))], [5])
  assert.deepEqual([...new Set(host.of('thumbnailRequest').slice(before[1]).flatMap(({ rows }) => rows))].sort(), [0, 1, 2, 3, 4, 5])
  await host.page.close()
})

test('while a run goes on without previews the frames say so, numbers and timeline go along, and no picture is asked for; when it has ended the recorded rows show', async () => {
  const off = 'Previews are off, as the setting “Preview: Method” says'
  const host = await bench.open()
  const recording = recordings.get(digits)!
  const { rows, document: { id: runId } } = recording
  const preview = { ...all, method: 'off' } as const
  const pictures = (): number => host.sent.filter(({ type }) => type === 'frameRequest' || type === 'thumbnailRequest' || type === 'statesRequest').length + host.of('inspect').filter(({ question: { of } }) => of === 'pictures').length
  const { settled } = hostOf(host, recording)
  await host.send({ type: 'state', state: state(digits, 'running', 2, { preview }) })
  assert.deepEqual(await empties(host), [off, off, off, off])
  await host.send({ type: 'rows', runId, rows: rows.slice(2, 4) })
  assert.equal(await host.page.locator('#timeline').inputValue(), '3', 'the timeline follows the numbers')
  assert.match((await host.page.locator('[data-frame=x]').getAttribute('aria-label'))!, /step 3/)
  await host.page.keyboard.press('ArrowLeft')
  await settled()
  assert.equal(await host.page.locator('#timeline').inputValue(), '2')
  assert.deepEqual([await empties(host), pictures()], [[off, off, off, off], 0])
  await host.page.keyboard.press('End')
  await settled()

  await host.send({ type: 'state', state: state(digits, 'finished', 6, { preview }) })
  await settled()
  await host.page.keyboard.press('ArrowLeft')
  await settled()
  assert.deepEqual(await empties(host), [null, null, null, null])
  assert.deepEqual((await host.pixels('[data-frame=x]')).rgba, [...recording.frames[4]!.x])
  await host.page.close()
})
