import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunStatus } from '../../src/protocol/view'
import { violations } from './axe'
import { Bench, type Host, type PageOptions } from './harness'
import { emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
before(async () => {
  bench = await Bench.start()
  recording = await record(recipeOf({ 'model.path': 'emoji', 'noise.seed': 4, 'solver.steps': 6 }), emoji)
})
after(async () => { await bench.stop() })

/** A narrow page with its recipe unfolded, all groups too. */
async function unfolded(options: PageOptions): Promise<Host> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(recording.document.recipe, emoji) })
  await host.page.locator('.drawer').click()
  await host.drawn()
  for (const summary of await host.page.locator('.fold summary').all()) { await summary.click(); await host.drawn() }
  return host
}
const goes = (host: Host, status: RunStatus, count?: number): Promise<void> => host.send({ type: 'state', state: stateOf(recording.document.recipe, emoji, { run: viewOf(recording, status, count) }) })

/** Whether all of it is seen, and over all else. */
const seen = (host: Host, selector: string): Promise<boolean> => host.page.locator(selector).first().evaluate((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect()
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
  return top >= 0 && left >= 0 && bottom <= window.innerHeight && right <= window.innerWidth && over !== null && (element === over || element.contains(over))
})

for (const [name, options] of Object.entries({ '500×700': { width: 500, height: 700 }, '400×500': { width: 400, height: 500 }, '1000×800 at 200 %': { width: 500, height: 400, deviceScaleFactor: 2 }, '640×600 at 200 %': { width: 320, height: 300, deviceScaleFactor: 2 } } satisfies Record<string, PageOptions>)) {
  test(`Run and Stop are seen wherever a narrow page is scrolled to, with the recipe unfolded and folded: ${name}`, async () => {
    const host = await unfolded(options)
    for (const [status, label] of [[null, 'Run'], ['running', 'Stop'], ['finished', 'Run']] as const) {
      if (status) await goes(host, status, 4)
      for (const folded of [false, true]) {
        if (await host.page.locator('.drawer').getAttribute('aria-expanded') === String(folded)) {
          await host.page.evaluate(() => { window.scrollTo(0, 0) })
          await host.page.locator('.drawer').click()
          await host.drawn()
        }
        assert.match(await host.page.locator('#run').innerText(), new RegExp(label))
        for (const share of [0, 0.3, 0.6, 1]) {
          await host.page.evaluate((part) => { window.scrollTo(0, part * document.documentElement.scrollHeight) }, share)
          await host.drawn()
          assert.equal(await seen(host, '#run'), true, `${label}, recipe ${folded ? 'folded' : 'unfolded'}, scrolled to ${share}`)
        }
      }
    }
    await host.page.close()
  })

  test(`what has the focus is not under the bar, going on and back through all of a narrow page: ${name}`, async () => {
    const host = await unfolded(options)
    await goes(host, 'finished')
    await host.page.locator('.drawer').focus()
    const covered: string[] = []
    let stops = 0
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let i = 0; i < 200; i++) {
        await host.page.keyboard.press(key)
        const found = await host.page.evaluate(() => {
          const element = document.activeElement
          if (!element || element === document.body) return null
          const bar = document.querySelector('.run-bar')!
          const [box, edge] = [element.getBoundingClientRect(), bar.getBoundingClientRect()]
          return { name: `${element.localName}#${element.id}.${element.className} from ${box.top} under ${edge.bottom}`, under: !bar.contains(element) && box.top < edge.bottom - 0.5 && box.bottom > edge.top + 0.5, first: element.matches('.drawer') || element.matches('[role=tab]') }
        })
        if (!found) break
        stops++
        if (found.under) covered.push(`${key}: ${found.name}`)
        if (key === 'Shift+Tab' && found.first) break
      }
      if (key === 'Tab') await host.page.locator('footer.status').evaluate(() => { [...document.querySelectorAll<HTMLElement>('.plots button')].at(-1)!.focus() })
    }
    assert.deepEqual(covered, [])
    assert.ok(stops > 60, `${stops} stops`)
    await host.page.close()
  })
}

for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const) {
  test(`with the recipe unfolded the bar says what came of Run, and leads there: ${theme}`, async () => {
    const host = await unfolded({ width: 480, height: 700, theme })
    const news = host.page.locator('.news')
    assert.equal(await news.count(), 0, 'nothing has run')
    await goes(host, 'running', 4)
    assert.equal(await news.innerText(), 'Sampling: step 3 of 6')
    assert.equal(await seen(host, '.news'), true)
    assert.deepEqual([await news.getAttribute('aria-label'), await news.getAttribute('aria-description')], ['Sampling: step 3 of 6', 'Fold the recipe to see it.'])
    assert.deepEqual(await violations(host), [])
    const { height } = (await news.boundingBox())!
    assert.ok(height >= 24, `${height} px`)
    await host.send({ type: 'rows', runId: 'run-1', rows: recording.rows.slice(4, 6) })
    assert.equal(await news.innerText(), 'Sampling: step 5 of 6')
    await goes(host, 'finished')
    assert.match(await news.innerText(), /^Finished: /)
    for (const more of [{}, { stopOverdue: true }]) {
      await host.send({ type: 'state', state: stateOf(recording.document.recipe, emoji, { run: viewOf(recording, 'stopping', 4, more) }) })
      assert.equal(await news.innerText(), more.stopOverdue ? 'The engine does not answer.' : 'Stopping after the current evaluation…')
      assert.equal(await news.innerText(), await host.page.locator('.sentence').first().innerText(), 'as above the frames')
    }
    const error = { reason: 'internal', message: 'The engine stopped.', advice: 'Look at the log.' } as const
    await host.send({ type: 'state', state: stateOf(recording.document.recipe, emoji, { run: viewOf(recording, 'failed', 4, { error }) }) })
    assert.equal(await news.innerText(), 'The engine stopped.')
    await goes(host, 'finished')
    assert.equal(await seen(host, '[data-frame=x]'), false)
    await news.focus()
    await host.page.keyboard.press('Enter')
    await host.drawn()
    assert.equal(await host.page.locator('.drawer').getAttribute('aria-expanded'), 'false')
    assert.equal(await host.page.evaluate(() => document.activeElement?.className), 'drawer')
    assert.equal(await seen(host, '[data-frame=x]'), true)
    assert.equal(await news.count(), 0, 'the sentence stands above the frames')
    assert.deepEqual(host.problems, [])
    await host.page.close()
  })
}
