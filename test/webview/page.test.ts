import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { violations } from './axe'
import { Bench, type Host, type PageOptions, type Theme } from './harness'
import { digits, emoji, record, recipeOf, stateOf, viewOf, type Recording } from './recording'

let bench: Bench
let recording: Recording
const recipe = recipeOf({ 'model.path': 'emoji', 'noise.seed': 4, 'noise.batch': 4, 'solver.steps': 12, 'conditioning.classLabel': ['Flags', 'Objects'], 'guidance.scale': 2 })
before(async () => {
  bench = await Bench.start()
  recording = await record(recipe, emoji)
})
after(async () => { await bench.stop() })

/** A page in the middle of a run, its frames and thumbnails there. */
async function running(options: PageOptions = {}): Promise<Host> {
  const host = await bench.open(options)
  await host.send({ type: 'state', state: stateOf(recipe, emoji, { run: viewOf(recording, 'running', 9) }) })
  for (const frames of recording.frames.slice(0, 9)) await host.send({ type: 'frame', runId: 'run-1', live: true, row: frames.row, frames })
  return host
}

function smallTargets(host: Host): Promise<string[]> {
  return host.page.evaluate(() => [...document.querySelectorAll('button, summary, vscode-button, vscode-dropdown, vscode-text-field, vscode-checkbox, input[type=range], .segments label')]
    .filter((element) => element.checkVisibility()).map((element) => ({ name: `${element.localName}#${element.id}.${element.className}`, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.height < 23.5 || box.width < 23.5).map(({ name, box }) => `${name} ${box.width}×${box.height}`))
}

for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const satisfies Theme[]) {
  test(`accessible while running, with errors, and as a plan, at 1280 and 400 px: ${theme}`, async () => {
    for (const width of [1280, 400]) {
      const host = await running({ theme, width })
      assert.deepEqual(await violations(host), [], 'running')
      if (width === 400) {
        await host.page.locator('.drawer').click()
        await host.drawn()
        assert.deepEqual(await violations(host), [], 'drawer')
      }
      await host.page.keyboard.press('Escape')
      await host.page.locator('#tab-plan').click()
      await host.drawn()
      assert.deepEqual(await violations(host), [], 'plan')
      await host.page.locator('#tab-sample').click()
      await host.page.locator('button.chip').click()
      await host.drawn()
      assert.deepEqual(await violations(host), [], 'popup')
      const error = { reason: 'internal', message: 'Something failed.', advice: 'Look at the log.', remedy: { title: 'Run Again', command: 'runAgain' } } as const
      await host.send({ type: 'state', state: stateOf(recipeOf({ 'solver.steps': 1, 'schedule.noise': 'vpCosine' }), digits, { trusted: false, notice: error, run: viewOf(recording, 'failed', 5, { error }) }) })
      assert.deepEqual(await violations(host), [], 'errors')
      assert.deepEqual(host.problems, [])
      await host.page.close()
    }
  })
}

/** A form that is unfolded and full: changed fields, files, fields that are off, an error. */
async function unfolded(options: PageOptions = {}): Promise<Host> {
  const host = await bench.open({ ...options, saved: { folds: ['advanced', 'thresholding', 'guidance', 'image'] } })
  const full = recipeOf({
    'model.path': 'emoji', 'noise.seed': 4, 'solver.algorithm': 'analyticDpm', 'solver.thresholding': true, 'solver.options': { eta: 0.5, r1: 0.4 }, 'schedule.spacing': 'beta', 'schedule.options': { alpha: 0.5 },
    'input.image': '/pictures/a picture with quite a long name.png', 'input.mask': '/pictures/mask.png', 'guidance.classifier': '/models/classifier.onnx',
  })
  await host.send({ type: 'state', state: stateOf(full, emoji) })
  if ((options.width ?? 1280) < 640) await host.page.locator('.drawer').click()
  await host.drawn()
  assert.equal(await host.page.locator('details[open]').count(), 4)
  assert.equal(await host.page.locator('.field-error').count(), 1)
  return host
}

for (const theme of ['dark', 'light', 'hcBlack', 'hcLight'] as const satisfies Theme[]) {
  test(`the unfolded form is accessible at 1280 and 400 px, its targets large enough, and nothing cut off: ${theme}`, async () => {
    for (const width of [1280, 400]) {
      const host = await unfolded({ theme, width })
      assert.deepEqual(await violations(host), [])
      assert.deepEqual(await smallTargets(host), [])
      const out = await host.page.evaluate(() => [...document.querySelectorAll('.form *')].filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > (document.querySelector('.fold')?.getBoundingClientRect().right ?? 0) + 0.5).map(({ localName, className }) => `${localName}.${String(className)}`))
      assert.deepEqual(out, [])
      await host.page.close()
    }
  })
}

test('nothing breaks the policy: no script error, no violation, no style attribute in a template', async () => {
  const host = await running()
  await host.page.locator('#field-solver-algorithm').click()
  await host.page.keyboard.press('Escape')
  await host.page.locator('#tab-plan').click()
  await host.drawn()
  assert.deepEqual(host.problems, [])
  assert.deepEqual(host.of('problem'), [])
  for (const file of sources()) assert.doesNotMatch(readFileSync(file, 'utf8'), /\sstyle=/, file)
  await host.page.close()
})

test('at 400 px, and at twice the font size, nothing is cut off sideways', async () => {
  for (const options of [{ width: 400, height: 800 }, { width: 640, height: 410 }, { width: 320, height: 640 }]) {
    const host = await running(options)
    for (const open of [false, true]) {
      if (open && await host.page.locator('.drawer').isVisible()) await host.page.locator('.drawer').click()
      await host.drawn()
      const { scroll, width, out } = await host.page.evaluate(() => ({
        scroll: document.documentElement.scrollWidth, width: innerWidth,
        out: [...document.querySelectorAll('#page button, #page vscode-button, #page vscode-dropdown, #page vscode-text-field, #page input, #page canvas')]
          .filter((element) => element.checkVisibility()).map((element) => ({ name: element.id || element.className, box: element.getBoundingClientRect() })).filter(({ box }) => box.left < -0.5 || box.right > innerWidth + 0.5).map(({ name }) => name),
      }))
      assert.deepEqual({ scroll: scroll <= width, out }, { scroll: true, out: [] }, JSON.stringify(options))
    }
    await host.page.close()
  }
})

test('labels stand clear of their controls, and lists show their choice whole', async () => {
  const host = await bench.open()
  await host.send({ type: 'state', state: stateOf(recipe, emoji, { models: [{ path: 'emoji', label: 'emoji' }] }) })
  const { close, cut } = await host.page.evaluate(() => ({
    close: [...document.querySelectorAll('.field')].filter((field) => {
      const text = document.createRange()
      text.selectNodeContents(field.querySelector('label')!.firstChild!)
      return text.getBoundingClientRect().right + 4 > field.querySelector('.control')!.getBoundingClientRect().left
    }).map((field) => field.getAttribute('data-field')),
    cut: [...document.querySelectorAll('.form vscode-dropdown')].filter((list) => {
      const shown = list.shadowRoot!.querySelector('[part=selected-value]')!
      return shown.scrollWidth > shown.clientWidth
    }).map(({ id }) => id),
  }))
  assert.deepEqual([close, cut], [[], []])
  await host.page.close()
})

test('every target is at least 24 pixels high and wide', async () => {
  for (const width of [1280, 400]) {
    const host = await running({ width })
    if (width === 400) await host.page.locator('.drawer').click()
    await host.drawn()
    assert.deepEqual(await smallTargets(host), [])
    await host.page.close()
  }
})

test('the whole page is reached with Tab, and what has the focus shows it', async () => {
  const host = await running()
  const reached: string[] = []
  for (let i = 0; i < 60; i++) {
    await host.page.keyboard.press('Tab')
    const at = await host.page.evaluate(() => {
      const element = document.activeElement!
      const inner = element.shadowRoot?.activeElement ?? element
      const styles = [inner, ...(element.shadowRoot?.querySelectorAll('.root, .control') ?? []), element.nextElementSibling ?? inner].map((one) => getComputedStyle(one))
      const ring = getComputedStyle(document.documentElement).getPropertyValue('--vscode-focusBorder')
      const probe = document.createElement('i')
      probe.style.color = ring
      document.body.append(probe)
      const colour = getComputedStyle(probe).color
      probe.remove()
      return { id: element.id || element.getAttribute('aria-label') || element.textContent.trim(), visible: styles.some((style) => (style.outlineStyle !== 'none' && style.outlineColor === colour) || style.borderColor === colour), end: element === document.body }
    })
    if (at.end) break
    reached.push(at.id)
    assert.ok(at.visible, `${at.id} does not show the focus`)
  }
  for (const id of ['tab-sample', 'field-model-path', 'field-conditioning-classLabel', 'field-solver-algorithm', 'field-solver-steps', 'field-schedule-noise', 'field-noise-seed', 'field-guidance-scale', 'run', 'timeline', 'speed']) assert.ok(reached.includes(id), `${id} is reached: ${reached.join(', ')}`)
  await host.page.close()
})

test('landmarks, names and live region are there; the canvases have their text', async () => {
  const host = await running()
  for (const selector of ['header', 'main', 'aside[aria-label=Recipe]', 'footer', '[role=tablist]', '[role=status][aria-live=polite]']) assert.equal(await host.page.locator(selector).count(), 1, selector)
  assert.match(await host.page.locator('[data-frame=x0]').getAttribute('aria-label') ?? '', /^x̂₀, step 8, mean [−\d.]+, standard deviation [\d.]+$/)
  assert.equal(await host.page.locator('[data-frame=x]').getAttribute('role'), 'img')
  for (const element of await host.page.locator('vscode-text-field').all()) assert.notEqual(await element.locator('input').getAttribute('aria-label'), 'Text field')
  await host.page.close()
})

const sources = (): string[] => readdirSync('webview', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join('webview', name))

test('the toolkit stays behind controls.ts', () => {
  for (const file of sources()) {
    if (file === join('webview', 'ui', 'controls.ts')) continue
    assert.doesNotMatch(readFileSync(file, 'utf8'), /<\/?vscode-|webview-ui-toolkit/, file)
  }
})

test('page and style come to at most 250 kB as they ship, and what is loaded later to 250 more; neither has React', () => {
  const { page, pageLater } = JSON.parse(execFileSync(process.execPath, ['esbuild.mjs', '--sizes'], { encoding: 'utf8' })) as Record<'page' | 'pageLater', number>
  console.log(`page ${(page / 1000).toFixed(1)} kB, later ${(pageLater / 1000).toFixed(1)} kB`)
  assert.ok(page > 100_000 && page <= 250_000, `${page} bytes`)
  assert.ok(pageLater > 10_000 && pageLater <= 250_000, `${pageLater} bytes`)
})

test('colours come from the theme alone', () => {
  for (const file of readdirSync('webview/css')) {
    const values = [...readFileSync(join('webview/css', file), 'utf8').matchAll(/:\s*([^;{}]+);/g)].map(([, value]) => value!)
    assert.ok(values.length > 5)
    for (const value of values) assert.doesNotMatch(value, /#[0-9a-f]{3,8}\b|\b(rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(|\b(black|white|red|green|blue|grey|gray|yellow|orange)\b(?!-)(?<!charts-\w+)/i, file)
  }
})
