// The workbench as a person uses it: what the ui tests and the screenshots share.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium, startServer, workbenchUrl } from './host.mjs'

const root = join(import.meta.dirname, '../..')

/**
 * Starts server and browser and opens a workbench on a new, empty folder.
 * @param {{settings?: object, extensionsDir?: string, installed?: boolean, size?: {width: number, height: number}, scale?: number}} options
 *   `installed`: the extension is in `extensionsDir`; else this folder is loaded as an extension under development.
 */
export async function openWorkbench({ settings = {}, extensionsDir, installed = false, size = { width: 1400, height: 900 }, scale = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-workspace-'))
  const server = await startServer({ settings, extensionsDir })
  let browser
  const close = async () => {
    await browser?.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    browser = await launchChromium()
    const page = await browser.newPage({ viewport: size, deviceScaleFactor: scale })
    await page.goto(workbenchUrl(server, { folder, extensionDevelopmentPath: installed ? [] : root }))
    await page.locator('.monaco-workbench').waitFor({ timeout: 120_000 })
    return { page, folder, server, close, palette: (title) => palette(page, title), panel: () => panelOf(page) }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs a command by its title. The workbench shows seconds before the extension host has told its commands, so the list is asked for again. */
async function palette(page, title) {
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first()
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press('F1')
    await page.locator('.quick-input-widget input').first().waitFor()
    await page.keyboard.type(title)
    try {
      await row.waitFor({ timeout: 10_000 })
      break
    } catch (error) {
      if (attempt === 12) throw error
      await page.keyboard.press('Escape')
    }
  }
  await page.keyboard.press('Enter')
}

/** The document inside the visible webview. */
function panelOf(page) {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame')
}
