import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { isKept } from '../../src/protocol/keptRows'
import type { RunDocument } from '../../src/protocol/run'
import type { RunStatus, ToPage } from '../../src/protocol/view'
import { receive } from '../../webview/inbox'
import { stripRows } from '../../webview/pictures'
import { isOfImage } from '../../webview/imageStatistics'
import { plotQuestions, withPlotAnswer } from '../../webview/plots/plotted'
import { initialState, type PageState, type Planner } from '../../webview/state'
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
    assert.match(await host.page.locator('figure:has([data-view=delta]) .empty').innerText(), /^The states of step 9 were not kept, as the setting “Record: Keep” says\.$/)
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
    assert.match(await host.page.locator('.state vscode-button', { hasText: 'Export…' }).getAttribute('title') ?? '', /^Save the 5 states that were kept, of 21: /)
    assert.match(await host.page.locator('footer.status').innerText(), /20 of 20 steps recorded, 5 of 21 states kept/)
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

  test('a question that brought nothing is asked again when there is more to ask, or the run is over, and not before', () => {
    const run = everyFifth()
    const pinned = { item: 0, y: 3, x: 4 }
    const told = (before: PageState, status: RunStatus, rows?: number): PageState => {
      const message = state(run, status, rows)
      assert.ok(message.type === 'state')
      return receive(before, message, {}, () => {})
    }
    // The planner is the page's later file; what it does with an answer is here.
    const planned = { ...initialState({ plots: ['changes', 'course', 'spectrum'], pinned }), planner: { withPlotAnswer, isOfImage } as unknown as Planner }
    const inVain = (asking: PageState): { answered: PageState; asked: string[] } => {
      let answered = asking
      const asked: string[] = []
      for (;;) {
        const [question] = plotQuestions(answered)
        if (!question || asked.length === 10) return { answered, asked }
        asked.push(question.of)
        answered = receive(answered, { type: 'inspected', runId: run.document.id, question, answer: null }, {}, () => {})
      }
    }
    for (const rows of [6, 8]) { // the newest row is one that stays, and is not
      const { answered, asked } = inVain(told(planned, 'running', rows))
      assert.deepEqual(asked, rows === 6 ? ['changes', 'course', 'spectrum'] : ['changes', 'course'], `${rows} rows`)
      assert.deepEqual(inVain(told(answered, 'running', rows)).asked, [])
      const more = inVain(told(answered, 'running', rows + 2))
      assert.deepEqual(more.asked.slice(0, 2), ['changes', 'course'])
      assert.deepEqual(inVain(told(more.answered, 'stopped', rows + 2)).asked.slice(0, 2), ['changes', 'course'])
    }
    assert.deepEqual(plotQuestions({ ...planned, view: { ...told(planned, 'running', 6).view!, run: viewOf(run, 'running', 0) } }), [])
  })

  test('what could not be read is asked for once more when the run goes on or ends', () => {
    const run = everyFifth()
    const message = (status: RunStatus): Parameters<typeof receive>[1] => state(run, status, 8) as Parameters<typeof receive>[1]
    const receiving = (before: PageState, ...messages: Parameters<typeof receive>[1][]): PageState => messages.reduce((at, one) => receive(at, one, {}, () => {}), before)
    const question = { of: 'pictures' as const, row: 5, tensors: ['delta' as const] }
    const runId = run.document.id
    const stopped = receiving(initialState({}), message('stopped'), { type: 'frame', runId, live: false, row: 5, frames: null }, { type: 'inspected', runId, question, answer: null })
    const known = (at: PageState): unknown => [[...at.unreadable], Object.keys(at.answers), [...at.derived.keys()]]
    assert.deepEqual(known(stopped), [[5], ['pictures'], [5]])
    assert.deepEqual(known(receiving(stopped, message('stopped'))), known(stopped))
    assert.deepEqual(known(receiving(stopped, message('running'))), [[], [], []])
  })

  test('in a strip that is too short for all steps there are those that a stopped run has', () => {
    for (let stopped = 1; stopped <= 21; stopped++) for (let room = 4; room <= 20; room++) {
      const rows = stripRows(21, room, viewOf(lastOnly(), 'stopped', stopped))
      assert.ok(rows.includes(stopped - 1), `row ${stopped - 1} in ${rows.join()}`)
      assert.ok(rows.length <= room && rows.every((row, k) => k === 0 || row > rows[k - 1]!), rows.join())
    }
    assert.ok(stripRows(21, 6, viewOf(lastOnly(), 'running', 8)).includes(20))
    assert.deepEqual(stripRows(21, 6, viewOf(everyFifth(), 'stopped', 13)), [0, 5, 10, 12, 16, 20])
    assert.deepEqual(stripRows(21, 6, viewOf(all, 'stopped', 8)), [0, 4, 8, 12, 16, 20])
  })

  test('where there is nothing to be said, it is said why: values, buttons and the slider of a run that goes on and keeps the result', async () => {
    const run = lastOnly()
    const host = await bench.open({ saved: { pinned: { item: 0, y: 3, x: 4 } } })
    await host.send(state(run, 'running', 8), { type: 'frame', runId: 'run-1', live: true, row: 7, frames: run.frames[7]! })
    const at = hostOf(host, run, -1)
    await at.settled()
    const why = 'The states of step 7 were not kept, as the setting “Record: Keep” says.'
    const values = host.page.locator('.pixel dd')
    assert.deepEqual(await values.allInnerTexts(), ['–', '–', '–'])
    assert.deepEqual(await values.evaluateAll((all) => all.map((one) => one.getAttribute('title'))), [why, why, why])
    const save = host.page.getByRole('button', { name: 'Save image of x_t' })
    assert.ok(await save.isDisabled())
    assert.equal(await save.getAttribute('aria-description'), why)
    for (const name of ['First step', 'One step back', 'Play']) {
      assert.equal(await host.page.getByRole('button', { name, exact: true }).first().getAttribute('aria-description'), `${name}: the states of other steps were not kept, as the setting “Record: Keep” says`)
    }
    const slider = host.page.locator('#timeline')
    await slider.evaluate((input: HTMLInputElement) => { input.value = '2'; input.dispatchEvent(new Event('input')) })
    await at.settled()
    assert.equal(await slider.inputValue(), '7')
    assert.deepEqual(await violations(host), [])
    await host.page.close()
  })
})
