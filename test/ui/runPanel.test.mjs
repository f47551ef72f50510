// Two trajectories side by side: the preview, and a run in a panel of its own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openWorkbench } from '../vscode-host/workbench.mjs'
import { focusTimeline, frame, pageWith, recordings, shownRow, stateText, until } from './helpers.mjs'

let workbench, page
const recorded = mkdtempSync(join(tmpdir(), 'dpm-run-panel-'))

const preview = () => pageWith(page, '#run')
const own = () => pageWith(page, '.form.recorded')
const rowShown = async (which, row) => until(`row ${row}`, async () => shownRow(await which()), (shown) => shown === row)
async function press(which, key) {
  await focusTimeline(await which())
  await page.keyboard.press(key)
}
const whole = async (which, row) => until(`row ${row} in full`, async () => frame(await which(), 'x'), (shown) => shown.row === row && shown.width === 32)
const tab = (text) => page.locator('.tabs-container .tab', { hasText: text })
const sampled = () => until('the run', async () => stateText(await preview()), (text) => text.includes('Finished: 6 evaluations'))

before(async () => {
  workbench = await openWorkbench({
    size: { width: 1600, height: 900 },
    settings: { 'dpmSolver.engine.provider': 'cpu', 'dpmSolver.engine.intraOpThreads': 1, 'dpmSolver.record.folder': recorded, 'dpmSolver.solver.steps': 6 },
  })
  page = workbench.page
})
after(async () => {
  await workbench?.close()
  rmSync(recorded, { recursive: true, force: true })
})

describe('a run in a panel of its own', () => {
  let first, name

  it('is split off by the pin in the title of the preview', async () => {
    await workbench.palette('DPM-Solver: Open Preview')
    await preview()
    await tab('DPM-Solver Preview').click()
    // The page gets the focus later than its tab, and puts it on Run, where a space of what is typed would run it.
    await until('the focus on Run', async () => (await preview()).evaluate(() => document.hasFocus() && document.activeElement?.id === 'run'))
    const action = (title) => page.locator(`.editor-group-container.active a.action-label[aria-label^="${title}"]`)
    const pin = action('Open Run in Its Own Panel')
    await action('Generate Sample').waitFor()
    assert.equal(await pin.count(), 0, 'without a run there is nothing to split off')
    await workbench.palette('DPM-Solver: Generate Sample')
    await sampled()
    await rowShown(preview, 6)
    await tab(/^Preview: Sample/).click()
    await pin.click()
    await rowShown(own, 6)
    first = await whole(own, 6)
    assert.deepEqual(first.pixels, (await whole(preview, 6)).pixels)
    await until('two tabs', () => tab(/Sample/).count(), (count) => count === 2)
    name = await tab(/Sample/).nth(1).innerText()
  })

  it('stays with its run while the preview goes on to the next', async () => {
    await workbench.palette('DPM-Solver: Generate Sample with New Seed')
    await until('another picture', async () => frame(await preview(), 'x'), ({ row, pixels }) => row === 6 && String(pixels) !== String(first.pixels))
    assert.deepEqual((await whole(own, 6)).pixels, first.pixels)
    await until('their titles', () => tab(/Sample/).allInnerTexts(), ([one, other]) => other === name && one !== name)
  })

  it('is gone through by itself, and so is the preview', async () => {
    await press(own, 'Home')
    await rowShown(own, 0)
    assert.equal(await shownRow(await preview()), 6)
    await press(preview, 'ArrowLeft')
    await rowShown(preview, 5)
    assert.equal(await shownRow(await own()), 0)
    await press(own, 'ArrowRight')
    await rowShown(own, 1)
    assert.equal(await shownRow(await preview()), 5)
    await (await own()).locator('#tab-plan').click()
    await (await own()).locator('table.steps').waitFor()
    assert.equal(await (await preview()).locator('table.steps').count(), 0)
    await (await own()).locator('#tab-sample').click()
    await rowShown(own, 1)
  })

  it('has nothing that runs, by key neither, and the preview has', async () => {
    await press(own, 'Control+Enter')
    await press(own, 'ArrowRight')
    await rowShown(own, 2)
    assert.equal(recordings(recorded).length, 2)
    const { pixels: second } = await frame(await preview(), 'x')
    await press(preview, 'Control+Enter')
    await until('a third run', async () => frame(await preview(), 'x'), ({ row, pixels }) => row === 6 && String(pixels) !== String(second))
    await sampled()
    assert.equal(recordings(recorded).length, 3)
    await press(preview, 'Home')
    await rowShown(preview, 0)
    await rowShown(own, 2)
  })

  it('comes back to its run and step when the window is reloaded', async () => {
    const before = await whole(own, 2)
    const loaded = page.waitForEvent('load')
    await workbench.palette('Developer: Reload Window')
    await loaded
    await page.locator('.monaco-workbench').waitFor({ timeout: 120_000 })
    await rowShown(own, 2)
    assert.deepEqual((await whole(own, 2)).pixels, before.pixels)
    await rowShown(preview, 0)
    assert.equal(await tab(/Sample/).count(), 2)
  })

  it('comes back to them from behind another tab, and in another group', async () => {
    const before = await whole(own, 2)
    await tab(name).click()
    await focusTimeline(await own())
    await workbench.palette('View: Move Editor into Left Group')
    await rowShown(own, 2)
    await until('both in one group', () => page.locator('.editor-group-container').count(), (count) => count === 1)
    await tab(/Sample/).filter({ hasNotText: name }).click()
    await rowShown(preview, 0)
    await tab(name).click()
    await rowShown(own, 2)
    assert.deepEqual((await whole(own, 2)).pixels, before.pixels)
  })

  it('is revealed where it is, its run deleted it says so', async () => {
    await tab(/Sample/).filter({ hasNotText: name }).click()
    await rowShown(preview, 0)
    await page.locator('.activitybar .action-label[aria-label^="DPM-Solver"]').first().click()
    const run = page.locator('.pane-body .monaco-list-row', { hasText: 'digits · ++2M · 6' }).nth(2)
    const items = page.locator('.context-view .action-menu-item')
    /** From the menu of the run, until it shows. A menu that has just come up takes no click, and one goes without a word where a page takes the focus. */
    const choose = (text, what, shows) => until(what, async () => {
      if (await shows()) return true
      if (await items.count() === 0) await run.click({ button: 'right', timeout: 2000 })
      await items.filter({ hasText: text }).click({ timeout: 2000 })
      for (const end = Date.now() + 2000; !await shows() && Date.now() < end;) await sleep(50)
      return shows()
    })
    const dialog = page.locator('.monaco-dialog-box')
    await choose('Open Run in Its Own Panel', 'the tab', async () => (await page.locator('.tab.active').innerText()).includes(name))
    assert.equal(await tab(/Sample/).count(), 2)
    await choose('Delete Run', 'the question', () => dialog.isVisible())
    await dialog.locator('.monaco-button', { hasText: 'Delete' }).click()
    const gone = await pageWith(page, 'main > .banner')
    assert.match(await stateText(gone), /^Run [0-9a-f]{4} was deleted\. Close this tab/)
    assert.equal(await gone.locator('#timeline, .recipe, canvas').count(), 0)
  })
})
