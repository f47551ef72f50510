// The workbench as a person uses it: what the ui tests and the screenshots share.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium, startServer, workbenchUrl } from './host.mjs'

const root = join(import.meta.dirname, '../..')

/**
 * Starts server and browser and opens a workbench on a new, empty folder.
 * @param {{env?: object, settings?: object, extensionsDir?: string, installed?: boolean, trust?: boolean, fill?: (folder: string) => void, through?: (port: number) => Promise<number>, compression?: boolean, size?: {width: number, height: number}, scale?: number}} options
 *   `env`: added to the environment of the server, and so of the engine. `installed`: the extension is in `extensionsDir`; else this folder is loaded as an extension under development.
 *   `trust`: false opens the folder in Restricted Mode. `fill` puts files into the folder before it is opened. `through`: the port at which the browser finds the server whose port it is given.
 *   `compression`: false sends what goes between browser and server as it is, as VS Code on a desktop does.
 */
export async function openWorkbench({ env = {}, settings = {}, extensionsDir, installed = false, trust = true, fill = () => {}, through, compression, size = { width: 1400, height: 900 }, scale = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-workspace-'))
  fill(folder)
  const server = await startServer({ env, settings, extensionsDir, trust, compression })
  let browser
  const close = async () => {
    await browser?.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    browser = await launchChromium()
    const page = await browser.newPage({ viewport: size, deviceScaleFactor: scale })
    const authority = through ? `127.0.0.1:${await through(Number(server.authority.split(':')[1]))}` : server.authority
    await page.goto(workbenchUrl({ ...server, authority, origin: `http://${authority}` }, { folder, extensionDevelopmentPath: installed ? [] : root }))
    await page.locator('.monaco-workbench').waitFor({ timeout: 120_000 })
    return { page, folder, server, close, palette: (title) => palette(page, title), choose: (open, text) => choose(page, open, text), accept: (file) => accept(page, file), panel: () => panelOf(page) }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs a command by its title. The workbench shows seconds before the extension host has told its commands, so the list is asked for again. */
async function palette(page, title) {
  // Enter takes the row that has the focus, and the list follows the typing with a delay.
  const focused = page.locator('.quick-input-list .monaco-list-row.focused').filter({ has: page.getByText(title, { exact: true }) })
  const input = page.locator('.quick-input-widget input').first()
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press('F1')
    try {
      await input.waitFor({ timeout: 10_000 })
      // It shows before it has the focus. Until then what is typed goes to the page that had it.
      await page.waitForFunction((element) => document.hasFocus() && document.activeElement === element, await input.elementHandle(), { timeout: 10_000 })
      await page.keyboard.type(title)
      await focused.waitFor({ timeout: 10_000 })
      await page.keyboard.press('Enter')
      await focused.waitFor({ state: 'hidden', timeout: 10_000 }) // the command may show a list of its own in its place
      return
    } catch (error) {
      if (attempt === 12) throw error
      await page.keyboard.press('Escape')
    }
  }
}

/**
 * Chooses from the list that `open` opens, by keyboard. It is opened again where it went: the workbench closes a list when something else takes the
 * focus, as a page that wakes up does.
 */
async function choose(page, open, text) {
  for (let attempt = 1; ; attempt++) {
    try {
      await open()
      await page.locator('.quick-input-widget input').first().fill(text, { timeout: 5_000 })
      const row = page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text })
      await row.waitFor({ timeout: 5_000 })
      await page.keyboard.press('Enter')
      await row.waitFor({ state: 'hidden', timeout: 10_000 })
      return
    } catch (error) {
      if (attempt === 12) throw error
      await page.keyboard.press('Escape')
    }
  }
}

/**
 * Answers the workbench's file dialog. It asks before it makes a folder, takes nothing while it reads one, and writes into its field what it has read, so that the
 * answer is given until the dialog has gone.
 */
async function accept(page, file) {
  const field = page.locator('.quick-input-widget input').first()
  for (let attempt = 1; await field.isVisible(); attempt++) {
    if (attempt === 60) throw new Error(`the file dialog does not take ${file}; it shows ${await field.inputValue()}`)
    try {
      if (await field.inputValue({ timeout: 1000 }) !== file) await field.fill(file, { timeout: 1000 })
      await field.press('Enter', { timeout: 1000 })
    } catch { /* it went meanwhile */ }
    await field.waitFor({ state: 'hidden', timeout: 1000 }).catch(() => {})
  }
}

/** The document inside our visible webview: the walkthrough's pictures are webviews too. */
function panelOf(page) {
  return page.frameLocator('iframe.webview.ready[src*="extensionId=dpm-solver.dpm-solver"]').frameLocator('iframe#active-frame')
}
