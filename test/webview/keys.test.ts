import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { keysOf, keyText } from '../../webview/keys'
import { Bench, type Host, type PageOptions, type Theme } from './harness'
import { hostOf } from './inspecting'
import { emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
before(async () => {
  bench = await Bench.start()
  recording = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 5, 'noise.batch': 3, 'solver.steps': 4 }), emoji)
})
after(async () => { await bench.stop() })

async function finished(options: PageOptions = {}, keys: Record<string, string> = {}): Promise<{ host: Host; press: (...names: string[]) => Promise<void> }> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(recording.document.recipe, emoji, { run: viewOf(recording, 'finished'), preview: { show: ['x', 'x0'], keys, method: 'auto' } }) })
  const { settled } = hostOf(host, recording)
  await settled()
  return { host, press: async (...names) => { for (const name of names) { await host.page.keyboard.press(name); await settled() } } }
}

const usual = keysOf({})
const keyOf = (keys: typeof usual, action: string): string | undefined => keys.rows.find((row) => row.action === action)?.key

test('every key of the table means one thing, every action has one name, and every row says what it does', () => {
  const pressed = usual.rows.filter(({ key }) => key !== undefined).map(keyText)
  assert.deepEqual(pressed, [...new Set(pressed)])
  const actions = usual.rows.flatMap(({ action }) => action ?? [])
  assert.deepEqual(actions, [...new Set(actions)])
  for (const row of usual.rows) assert.ok(row.what.length > 2 && keyText(row) !== '')
  assert.deepEqual(usual.refused, [])
})

test('the setting changes single keys by the name of what they do; keys may be exchanged; what clashes or is none is refused and said', () => {
  const changed = keysOf({ blink: 'x', difference: 'b', play: 'd' })
  assert.deepEqual(['blink', 'difference', 'play'].map((action) => keyOf(changed, action)), ['x', 'b', 'd'])
  assert.deepEqual(changed.refused, [])
  for (const [setting, action, key] of [[{ blink: 'f' }, 'blink', 'b'], [{ blink: 'Escape' }, 'blink', 'b'], [{ blink: 'xy' }, 'blink', 'b'], [{ blink: '' }, 'blink', 'b'], [{ fit: 'ArrowLeft' }, 'fit', 'f']] as const) {
    const keys = keysOf(setting)
    assert.equal(keyOf(keys, action), key, JSON.stringify(setting))
    assert.equal(keys.refused.length, 1, JSON.stringify(setting))
    assert.match(keys.refused[0]!, new RegExp(action))
  }
  const both = keysOf({ blink: 'x', fit: 'x', zoomIn: 'Space', nothing: 'y' })
  assert.equal(new Set(both.rows.flatMap((row) => row.key === undefined ? [] : [`${row.shift ? 'shift+' : ''}${row.key}`])).size, both.rows.filter(({ key }) => key !== undefined).length)
  assert.match(both.refused.join(), /nothing.*|“nothing” is the name of no action/)
  assert.ok(both.refused.length >= 3)
})

test('changed keys act, the old ones do no more; the list shows them and what could not be followed', async () => {
  const { host, press } = await finished({}, { showX0: 'u', fit: '1', wrong: 'q' })
  await press('u')
  assert.equal(await host.page.locator('[data-frame]').count(), 1)
  await press('2', '0')
  assert.equal(await host.page.locator('[data-frame]').count(), 2)
  await press('?')
  const list = host.page.locator('[role=dialog]')
  const text = await list.innerText()
  assert.match(text, /U\s+Show x̂₀ alone/)
  assert.match(text, /“1” cannot be the key of “fit”/)
  assert.match(text, /“wrong” is the name of no action/)
  await press('Escape')
  assert.equal(await list.count(), 0)
  await host.page.close()
})

test('Alt+F1 says how the panel is used, and Escape goes back to where the focus was', async () => {
  const { host, press } = await finished()
  await host.page.locator('#timeline').focus()
  await press('Alt+F1')
  const help = host.page.locator('[role=dialog]')
  assert.match(await help.innerText(), /Accessibility help[\s\S]*P starts the probe/)
  await press('Escape')
  await host.page.waitForFunction(() => document.activeElement?.id === 'timeline')
  await host.page.close()
})

async function violations(host: Host): Promise<string[]> {
  await host.page.evaluate(readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8'))
  return host.page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }> } }
    return (await axe.run(document, { resultTypes: ['violations'] })).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary}`).join(' | ')}`)
  })
}

for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const satisfies Theme[]) {
  test(`accessible with four frames, one image, zoomed, pinned and measured, and with the key list and the help, its targets large enough: ${theme}`, async () => {
    for (const width of [1280, 400]) {
      const { host, press } = await finished({ theme, width })
      await press('ArrowLeft', 'd')
      await host.page.locator('.tools.show vscode-button').nth(2).click()
      await press(']', '+', 'p', 'ArrowRight', 'Enter', 'Shift+ArrowDown', 'Shift+ArrowRight')
      assert.equal(await host.page.locator('[data-frame]').count(), 4)
      assert.equal(await host.page.locator('.measured tbody tr').count(), 12)
      assert.deepEqual(await violations(host), [], `${width}: frames`)
      const small = await host.page.evaluate(() => [...document.querySelectorAll('button, vscode-button, vscode-checkbox, [data-view]')].filter((element) => element.checkVisibility()).map((element) => ({ name: element.className, box: element.getBoundingClientRect() })).filter(({ box }) => box.width < 23.5 || box.height < 23.5).map(({ name }) => name))
      assert.deepEqual(small, [])
      assert.ok(await host.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is cut off sideways')
      await press('?')
      assert.deepEqual(await violations(host), [], `${width}: keys`)
      await press('Escape', 'Alt+F1')
      assert.deepEqual(await violations(host), [], `${width}: help`)
      assert.deepEqual(host.problems, [])
      await host.page.close()
    }
  })
}
