import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { messagesScript } from '../../src/protocol/messages'
import type { FromPage, ToPage } from '../../src/protocol/view'
import { fromWire, toWire } from '../../src/protocol/wire'
import type { Messages } from '../../src/sampler/text'
import themes from './themes.json'

/** Colours and body attributes of the built-in themes, as VS Code 1.139 gives them to a webview. */
export type Theme = keyof typeof themes
export interface PageOptions { theme?: Theme; width?: number; height?: number; /** What the page saved in its last life. */ saved?: unknown; deviceScaleFactor?: number; reducedMotion?: boolean; /** What happens to the file that is loaded later: it is kept back until releasePlanner(), or cannot be had. */ planner?: 'kept' | 'missing'; /** The texts of another language. */ messages?: Messages }

/** Time a page is given for anything, in ms: for a machine that is busy with much else. */
export const patience = 30_000

/** Serves the built page as the extension does, under the same policy, in headless Chromium; the host's side is played by the test. */
export class Bench {
  /** What the page at /translated speaks. */
  private messages: Messages | undefined

  private constructor(private readonly server: Server, private readonly browser: Browser) {}

  static async start(): Promise<Bench> {
    const server = createServer((request, response) => {
      const name = new URL(request.url ?? '/', 'http://page').pathname
      if (name === '/' || name === '/translated') {
        const nonce = randomBytes(16).toString('base64url')
        response.setHeader('content-type', 'text/html').end(html(nonce, name === '/' ? undefined : bench.messages))
      } else if (/^\/webview(-[a-z]+)?\.(js|css)$/.test(name)) {
        response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/css').end(readFileSync(join('dist', name)))
      } else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    const paths = await import(pathToFileURL(join(process.cwd(), 'test/vscode-host/paths.mjs')).href) as { chromiumPath: () => string | undefined }
    const executablePath = paths.chromiumPath()
    if (!executablePath) throw new Error('These tests need Chromium: install it, or set CHROMIUM_PATH.')
    const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: ['--disable-gpu', '--disable-background-networking'] })
    const bench = new Bench(server, browser)
    return bench
  }

  async open({ theme = 'dark', width = 1280, height = 820, saved, deviceScaleFactor = 1, reducedMotion = false, planner, messages }: PageOptions = {}): Promise<Host> {
    const page = await this.browser.newPage({ viewport: { width, height }, deviceScaleFactor, reducedMotion: reducedMotion ? 'reduce' : 'no-preference' })
    page.setDefaultTimeout(patience)
    const host = new Host(page)
    page.on('pageerror', (error) => { host.problems.push(String(error)) })
    page.on('console', (message) => { if (message.type() === 'error') host.problems.push(message.text()) })
    await page.exposeFunction('hostReceives', (message: unknown) => { host.sent.push(fromWire(message) as FromPage) })
    await page.addInitScript(prelude, { theme: themes[theme], saved })
    if (planner === 'kept') await page.route('**/webview-planner.js', async (route) => { await host.plannerReleased; await route.continue() })
    if (planner === 'missing') await page.route('**/webview-planner.js', (route) => route.abort())
    page.on('request', (request) => { host.requested.push(new URL(request.url()).pathname) })
    this.messages = messages
    await page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${messages ? 'translated' : ''}`)
    await host.received('ready')
    if (!planner) await host.planned()
    return host
  }

  async stop(): Promise<void> {
    await this.browser.close()
    await new Promise((resolve) => { this.server.close(resolve) })
  }
}

/** The extension's side of one page. */
export class Host {
  /** What the page sent, oldest first. */
  readonly sent: FromPage[] = []
  /** Script errors and whatever the page wrote to the console as an error, CSP violations among it. */
  readonly problems: string[] = []

  /** Paths of the files that the page asked for. */
  readonly requested: string[] = []
  releasePlanner = (): void => {}
  readonly plannerReleased = new Promise<void>((resolve) => { this.releasePlanner = resolve })

  constructor(readonly page: Page) {}

  /** Resolves when the page has asked for this file. */
  async asked(path: string): Promise<void> {
    for (const end = Date.now() + patience; !this.requested.includes(path); await new Promise((resolve) => { setTimeout(resolve, 10) })) if (Date.now() > end) throw new Error(`The page did not ask for ${path}.`)
  }

  /** Resolves when the planner is there and what it says was drawn, or when it cannot be had. */
  async planned(): Promise<void> { await this.page.locator('.recipe[aria-busy="false"]').waitFor() }

  /** Posts messages in the form in which they arrive in a webview. Each is drawn before this returns. */
  async send(...messages: ToPage[]): Promise<void> {
    for (const message of messages) await this.page.evaluate((text) => (window as unknown as { hostSends(text: string): Promise<void> }).hostSends(text), pack(toWire(message)))
    await this.drawn()
  }

  /** Two animation frames: what was changed is on the page, and what follows from it was done. */
  async drawn(): Promise<void> {
    await this.page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => { requestAnimationFrame(resolve) }) }))
  }

  of<T extends FromPage['type']>(type: T): Extract<FromPage, { type: T }>[] {
    return this.sent.filter((message): message is Extract<FromPage, { type: T }> => message.type === type)
  }

  /** The newest message of a kind, once there are more than `after` of them; a recipe once it is drawn too, since text put into a field before would meet the value still to be drawn there. */
  async received<T extends FromPage['type']>(type: T, after = 0): Promise<Extract<FromPage, { type: T }>> {
    for (const end = Date.now() + patience; Date.now() < end; await new Promise((resolve) => { setTimeout(resolve, 10) })) {
      const found = this.of(type)
      if (found.length > after) {
        if (type === 'recipe') await this.drawn()
        return this.of(type).at(-1)!
      }
    }
    throw new Error(`The page sent no ${type}; it sent ${JSON.stringify(this.sent.map((message) => message.type))}, problems ${JSON.stringify(this.problems)}`)
  }

  async saved(): Promise<Record<string, unknown>> {
    return this.page.evaluate(() => (window as unknown as { savedState: Record<string, unknown> }).savedState)
  }

  /** RGBA of a canvas. */
  async pixels(selector: string): Promise<{ width: number; height: number; rgba: number[] }> {
    return this.page.locator(selector).evaluate((canvas: HTMLCanvasElement) => ({
      width: canvas.width, height: canvas.height, rgba: [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data],
    }))
  }
}

/** As src/views/previewPage.ts writes it; the origin of the server stands for the webview's own. */
function html(nonce: string, messages: Messages | undefined): string {
  const policy = `default-src 'none'; img-src 'self' blob: data:; style-src 'self' 'nonce-${nonce}'; font-src 'self'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}"><meta property="csp-nonce" content="${nonce}">
<style nonce="${nonce}">@layer vscode-default { body { background-color: transparent; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
input:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; } kbd { background-color: var(--vscode-keybindingLabel-background); color: var(--vscode-keybindingLabel-foreground); border: 1px solid; border-radius: 3px; padding: 1px 3px; } }</style>
<link rel="modulepreload" nonce="${nonce}" href="/webview-chunk.js"><link rel="stylesheet" href="/webview.css"><link rel="icon" href="data:,"><title>DPM-Solver Preview</title></head>
<body>${messagesScript(nonce, messages)}<script type="module" nonce="${nonce}" src="/webview.js"></script></body></html>`
}

/** Runs in the page before its script: VS Code's part of a webview. */
function prelude({ theme, saved }: { theme: { body: Record<string, string>; vars: Record<string, string> }; saved: unknown }): void {
  const shared = window as unknown as { acquireVsCodeApi: unknown; hostReceives(message: unknown): void; hostSends(text: string): Promise<void>; savedState: unknown }
  shared.savedState = saved
  let acquired = false
  shared.acquireVsCodeApi = () => {
    if (acquired) throw new Error('An instance of the VS Code API has already been acquired')
    acquired = true
    return { postMessage: (message: unknown) => { shared.hostReceives(message) }, getState: () => shared.savedState, setState: (state: unknown) => { shared.savedState = JSON.parse(JSON.stringify(state)) } }
  }
  shared.hostSends = (text) => {
    const data: unknown = JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || !('base64' in value)) return value
      const bytes = Uint8Array.from(atob(String(value.base64)), (character) => character.charCodeAt(0))
      return 'float32' in value ? new Float32Array(bytes.buffer) : bytes
    })
    // Resolves when the page has taken the message: tasks of other kinds may come before it.
    return new Promise<void>((resolve) => {
      window.addEventListener('message', () => { resolve() }, { once: true })
      window.postMessage(data)
    })
  }
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => { console.error(`CSP ${violatedDirective} ${blockedURI}`) })
  const dress = (): void => {
    for (const [name, value] of Object.entries(theme.vars)) document.documentElement.style.setProperty(name, value)
    for (const [name, value] of Object.entries(theme.body)) document.body.setAttribute(name, value)
  }
  new MutationObserver((_, observer) => { if (document.body) { observer.disconnect(); dress() } }).observe(document, { childList: true, subtree: true })
}

/** JSON in which arrays of bytes and of float32 are base64: structured clones do not cross into the browser. */
function pack(message: unknown): string {
  const base64 = (value: ArrayBufferView): string => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  return JSON.stringify(message, (_key, value: unknown) => {
    if (value instanceof Float32Array) return { base64: base64(value), float32: true }
    return value instanceof Uint8Array ? { base64: base64(value) } : value
  })
}
