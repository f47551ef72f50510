import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isKept } from '../../src/protocol/keptRows'
import type { RunDocument } from '../../src/protocol/run'
import type { RunStatus, ToPage } from '../../src/protocol/view'
import { violations } from './axe'
import { Bench, type Host } from './harness'
import { answerOf } from './inspecting'
import { digits, record, recipeOf, stateOf, thumbnailSize, viewOf, type Recording } from './recording'

let bench: Bench
let all: Recording
before(async () => {
  bench = await Bench.start()
  all = await record(recipeOf({ 'noise.seed': 3, 'noise.batch': 2, 'conditioning.classLabel': 1 }), digits)
})
after(async () => { await bench.stop() })

/** The same run, which keeps some of its states. */
function keeping(keep: Pick<RunDocument['states'], 'keep' | 'every'>): Recording {
  return { ...all, document: { ...all.document, version: 2, states: { ...all.document.states, ...keep } } }
}
const everyFifth = (): Recording => keeping({ keep: 'everyN', every: 5 })
const lastOnly = (): Recording => keeping({ keep: 'lastOnly' })

const state = (run: Recording, status: RunStatus, rows?: number): ToPage => ({ type: 'state', state: stateOf(run.document.recipe, digits, { run: viewOf(run, status, rows), preview: { show: ['x', 'x0', 'delta'], keys: {}, method: 'auto' } }) })

/** Plays the host: answers what the page asks until it asks no more; fails where that is of a row whose states are not there. */
function hostOf(host: Host, run: Recording, newest = run.rows.length - 1): { settled: () => Promise<void> } {
  const { id } = run.document
  let done = 0
  const there = (row: number): void => { assert.ok(isKept(run.document, row, newest), `the page asks for row ${row}, which is not kept`) }
  const answer = (message: (typeof host.sent)[number]): ToPage[] => {
    if (message.type === 'frameRequest') {
      there(message.row)
      return [{ type: 'frame', runId: id, live: false, row: message.row, frames: run.frames[message.row]!, ...message.small ? { small: true } : {} }]
    }
    if (message.type === 'thumbnailRequest') {
      message.rows.forEach(there)
      return [{ type: 'thumbnails', runId: id, size: thumbnailSize, thumbnails: message.rows.map((row) => ({ row, rgba: run.thumbnails[row]! })), failed: [] }]
    }
    if (message.type !== 'inspect') return []
    const { question } = message
    if ('row' in question) there(question.row)
    const whole = answerOf(run, question)
    // Δ of a row whose neighbour is gone is not there.
    const withoutDelta = whole?.of === 'pictures' && 'row' in question && !isKept(run.document, question.row - 1, newest)
    return [{ type: 'inspected', runId: id, question, answer: withoutDelta ? { ...whole, pictures: whole.pictures.filter(({ tensor }) => tensor !== 'delta') } : whole }]
  }
  return {
    settled: async () => {
      for (;;) {
        await host.drawn()
        if (done === host.sent.length) return
        while (done < host.sent.length) for (const message of answer(host.sent[done++]!)) await host.send(message)
      }
    },
  }
}
const shown = async (host: Host): Promise<number> => Number(/Step (\d+)/.exec(await host.page.locator('.probe h2').first().innerText())?.[1])
const press = async (host: Host, at: { settled: () => Promise<void> }, key: string): Promise<number> => { await host.page.keyboard.press(key); await at.settled(); return shown(host) }

suite('a run that keeps the states of some of its steps', () => {
  test('keys go from one kept step to the next, and nothing is asked of the others', async () => {
    const run = everyFifth()
    const host = await bench.open()
    await host.send(state(run, 'finished'))
    const at = hostOf(host, run)
    await at.settled()
    await host.page.locator('#timeline').focus()
    const way: number[] = [await shown(host)]
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowRight', 'Home', 'ArrowLeft', 'ArrowRight', 'Shift+ArrowRight', 'PageUp', 'PageDown', 'End']) way.push(await press(host, at, key))
    assert.deepEqual(way, [20, 15, 10, 15, 0, 0, 5, 20, 20, 0, 20])
    await host.page.locator('#timeline').evaluate((slider: HTMLInputElement) => { slider.value = '12'; slider.dispatchEvent(new Event('input')) })
    await at.settled()
    assert.equal(await shown(host), 10)
    assert.equal(await host.page.locator('#timeline').inputValue(), '10')
    const pixels = await host.pixels('[data-frame=x0]')
    assert.deepEqual(pixels.rgba, [...run.frames[10]!.x0])
    assert.match(await host.page.locator('figure:has([data-view=delta]) .empty').innerText(), /^The states of step 9 were not kept \(dpmSolver\.record\.keep\)\.$/)
    assert.deepEqual(host.problems, [])
    await host.page.close()
  })

  test('the timeline shows which steps have states, and the plots all steps', async () => {
    const run = everyFifth()
    const host = await bench.open()
    await host.send(state(run, 'finished'))
    const at = hostOf(host, run)
    await at.settled()
    const thumbnails = host.page.locator('.thumbnail')
    assert.equal(await thumbnails.count(), 21)
    const enabled = await thumbnails.evaluateAll((buttons) => buttons.flatMap((button, row) => (button as HTMLButtonElement).disabled ? [] : [row]))
    assert.deepEqual(enabled, [0, 5, 10, 15, 20])
    assert.equal(await host.page.locator('.thumbnail.gone').count(), 16)
    assert.equal(await thumbnails.nth(7).getAttribute('title'), 'step 7: its states were not kept')
    await thumbnails.nth(5).click()
    await at.settled()
    assert.equal(await shown(host), 5)
    assert.ok(await host.page.locator('.bar.dim:not(.on)').count() >= 21, 'the time of every step')
    assert.deepEqual(await violations(host), [])
    await host.page.close()
  })

  for (const width of [360, 500, 560, 640]) test(`in a panel of ${width} px the thumbnails are of kept steps, as far as there are any near`, async () => {
    const run = everyFifth()
    const host = await bench.open({ width })
    await host.send(state(run, 'finished'))
    const at = hostOf(host, run)
    await at.settled()
    const [count, gone] = [await host.page.locator('.thumbnail').count(), await host.page.locator('.thumbnail.gone').count()]
    assert.ok(count < 21 && count - gone === 5, `${count} thumbnails, ${gone} of them of steps that are gone`)
    await host.page.close()
  })

  test('playing goes over the kept steps', async () => {
    const run = everyFifth()
    const host = await bench.open({ saved: { speed: 4 } })
    await host.send(state(run, 'finished'))
    const at = hostOf(host, run)
    await at.settled()
    await host.page.locator('.row-number').evaluate((element) => {
      const steps: string[] = []
      new MutationObserver(() => { steps.push(element.textContent ?? '') }).observe(element, { characterData: true, childList: true, subtree: true })
      Object.assign(window, { steps })
    })
    await host.page.locator('.play').click()
    await host.page.waitForFunction(() => (window as unknown as { steps: string[] }).steps.at(-1) === '20')
    assert.deepEqual(await host.page.evaluate(() => (window as unknown as { steps: string[] }).steps), ['0', '5', '10', '15', '20'])
    await at.settled()
    const seen = new Set(host.of('frameRequest').map(({ row }) => row))
    assert.ok([...seen].every((row) => row % 5 === 0), [...seen].join())
    await host.page.close()
  })

  test('of a run that keeps the result alone there is nowhere to go', async () => {
    const run = lastOnly()
    const host = await bench.open()
    await host.send(state(run, 'finished'))
    const at = hostOf(host, run)
    await at.settled()
    await host.page.locator('#timeline').focus()
    for (const key of ['ArrowLeft', 'Home', 'PageDown', 'ArrowRight']) assert.equal(await press(host, at, key), 20, key)
    for (const name of ['First step', 'One step back', 'Play', 'One step on']) assert.ok(await host.page.getByRole('button', { name, exact: true }).first().isDisabled(), name)
    await host.page.close()
  })

  for (const [name, made, rests] of [['every fifth step', everyFifth, 5], ['the result', lastOnly, null]] as const) {
    test(`while it goes on and keeps ${name}, live pictures show, and none is asked for that may be gone`, async () => {
      const run = made()
      const host = await bench.open()
      const live = (row: number): ToPage => ({ type: 'frame', runId: 'run-1', live: true, row, frames: run.frames[row]! })
      await host.send(state(run, 'running', 8), live(7))
      const at = hostOf(host, run, -1)
      await at.settled()
      assert.equal(await shown(host), 7)
      assert.deepEqual((await host.pixels('[data-frame=x]')).rgba, [...run.frames[7]!.x])
      await host.page.locator('#timeline').focus()
      const before = await press(host, at, 'ArrowLeft')
      assert.equal(before, rests ?? 7)
      await host.send({ type: 'rows', runId: 'run-1', rows: run.rows.slice(8, 10) }, live(9))
      await at.settled()
      assert.equal(await shown(host), rests ?? 9, 'it stays, or there was nowhere to go and it follows')
      assert.equal(await press(host, at, 'End'), 9)
      // It ends: the newest row is the last, and is asked for where its picture is not whole.
      await host.send(state(run, 'finished'))
      const over = hostOf(host, run)
      await over.settled()
      assert.equal(await shown(host), 20)
      assert.deepEqual((await host.pixels('[data-frame=x]')).rgba, [...run.frames[20]!.x])
      await host.page.close()
    })
  }

  test('a stopped run shows where it was', async () => {
    const run = lastOnly()
    const host = await bench.open()
    await host.send(state(run, 'stopped', 8))
    const at = hostOf(host, run, 7)
    await at.settled()
    assert.equal(await shown(host), 7)
    assert.deepEqual((await host.pixels('[data-frame=x]')).rgba, [...run.frames[7]!.x])
    await host.page.close()
  })
})
