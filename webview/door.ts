import type { FromPage, ToPage } from '../src/protocol/view'
import { fromWire, toWire } from '../src/protocol/wire'
import type { PlotId } from './plotChoice'

/** What the page keeps over its own lives (VS Code destroys a hidden page); everything else is asked of the host again. */
export interface Saved { runId: string | null; row: number; following: boolean; tab: string; shown: string; speed: number; loop: boolean; folds: string[]; live: boolean; before: Readonly<Record<string, unknown>> | null; plots: readonly PlotId[] | null; tables: boolean }

interface VsCodeApi { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void }
declare function acquireVsCodeApi(): VsCodeApi

/** The page's only way out: typed messages to the host, and the small state that VS Code keeps for it. */
export interface Door {
  post(message: FromPage): void
  save(state: Saved): void
  /** What was saved, as untrusted JSON. */
  readonly saved: unknown
}

const known = new Set<unknown>(['state', 'rows', 'frame', 'thumbnails', 'states', 'inspected', 'video', 'showTab'] satisfies ToPage['type'][])

/** Opens the door, once; reports script errors and CSP violations of the page to the host's log from here on. */
export function openDoor(onMessage: (message: ToPage) => void): Door {
  const api = acquireVsCodeApi()
  const door: Door = {
    post(message) { api.postMessage(toWire(message)) },
    save(state) { api.setState(state) },
    saved: api.getState(),
  }
  const problem = (text: string): void => { door.post({ type: 'problem', text }) }
  window.addEventListener('error', ({ message, error }) => { problem(error instanceof Error ? error.stack ?? error.message : message) })
  window.addEventListener('unhandledrejection', ({ reason }: PromiseRejectionEvent) => { problem(`unhandled rejection: ${reason instanceof Error ? reason.stack ?? reason.message : String(reason)}`) })
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => { problem(`CSP: ${violatedDirective} blocked ${blockedURI} (${sourceFile}:${lineNumber})`) })
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = fromWire(data)
    if (isToPage(message)) onMessage(message)
    else problem(`a message the page does not know: ${JSON.stringify(message)?.slice(0, 200)}`)
  })
  return door
}

function isToPage(message: unknown): message is ToPage {
  return typeof message === 'object' && message !== null && 'type' in message && known.has(message.type)
}
