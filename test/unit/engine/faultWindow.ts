import type { ChildProcess } from 'node:child_process'
import type * as FileSystem from 'node:fs'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { watchProcesses } from '../../../scripts/soak/processes'
import type { ErrorReport } from '../../../src/sampler/errors'
import { EngineClient } from '../../../src/run/engineClient'
import { systemClock, type Clock } from '../../../src/run/clock'
import type { RunSummary } from '../../../src/run/runner'
import { Session, type SessionSettings } from '../../../src/run/session'
import { newFolder } from './testModels'
import { cpu, enginePath, recipe } from './withClient'

/** What a hook in an engine may use. It is sent to the engine as text: nothing else is there. */
export interface Hooked {
  fs: { -readonly [K in keyof typeof FileSystem]: (typeof FileSystem)[K] }
  /** Ends the process as `kill -9` does, at this very moment. */
  die: () => never
  /** Called with the name of every message that was sent to the host. */
  sent: (listener: (name: string) => void) => void
}
export type Hook = (engine: Hooked) => void

export interface FaultWindow {
  session: Session
  client: EngineClient
  /** The folder of the recordings. */
  readonly runs: string
  moveRuns: (folder: string) => void
  /** The log. */
  lines: string[]
  /** Every error that the user was told of. */
  told: ErrorReport[]
  /** The processes that were the engine. */
  pids: Set<number>
  /** Changes the next engine that starts, and no other. */
  arm: (hook: Hook) => void
  /** Runs with these recipe fields. */
  generate: (set?: Record<string, unknown>) => Promise<RunSummary>
  /** Resolves with the process of the engine, started where there is none. */
  engine: () => Promise<number>
  close: () => Promise<void>
}

export interface WindowOptions { runs?: string; clock?: Clock; killAfterSeconds?: number; idleMinutes?: number; record?: SessionSettings['record']; lastRun?: string; engine?: { enginePath?: string; execPath?: string } }

/** What a window of VS Code has of the extension but its user interface: a session over an engine process, put together as extension.ts does. */
export function openWindow(t: Pick<TestContext, 'after'>, { runs: at = join(newFolder(), 'runs'), killAfterSeconds = 5, idleMinutes = 0, record = { keepRuns: 50, maxDiskMB: 2048 }, lastRun, engine = {}, clock = systemClock }: WindowOptions = {}): FaultWindow {
  const place = newFolder()
  let runs = at
  const lines: string[] = []
  const told: ErrorReport[] = []
  const pids = new Set<number>()
  writeFileSync(join(place, 'engine.js'), hookedEngine)
  const client = new EngineClient({
    enginePath: join(place, 'engine.js'), ...engine, onLog: ({ level, text }) => { lines.push(`${level} ${text}`) }, onExit: ({ expected }) => { session.engineExited(expected) },
  })
  const log = (level: string) => (line: string): void => { lines.push(`${level} ${line}`) }
  const settings = { recipe: recipe(), seedMode: 'fixed' as const, preview: { every: 1, maxSize: 64, remoteMaxSize: 64, show: ['x', 'x0'] as const, keys: {}, method: 'auto' as const }, engine: cpu, killAfterSeconds, record, idleMinutes }
  const session: Session = new Session({
    engine: client, clock, settings: () => settings, runsFolder: () => runs, folder: () => undefined, trusted: () => true, shown: () => Promise.resolve(), remote: null,
    lastRun: { get: () => lastRun, set: () => {} }, form: { get: () => undefined, set: () => {} }, hints: { hidden: () => true, hide: () => {} }, log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
  })
  session.changed.on(() => { if (session.enginePid !== undefined) pids.add(session.enginePid) })
  session.failed.on((error) => { told.push(error) })
  const close = async (): Promise<void> => {
    session.dispose()
    await client.dispose()
  }
  t.after(close)
  return {
    session, client, lines, told, pids, close,
    get runs() { return runs },
    moveRuns(folder) { runs = folder },
    arm(hook) { writeFileSync(join(place, 'armed.js'), `module.exports = ${hook.toString()}`) },
    async generate(set = {}) {
      const summary = await session.generate({ set })
      if (!summary) throw new Error(`not started: ${session.state.notice?.message}`)
      return summary
    },
    async engine() {
      const { pid } = await client.start()
      pids.add(pid)
      return pid
    },
  }
}

/** The engine's own bundle, behind a hook where one lies beside this file: it is taken by the process that finds it. */
const hookedEngine = `
  const fs = require('node:fs')
  const armed = require('node:path').join(__dirname, 'armed.js')
  let hook
  try { fs.renameSync(armed, armed + '.' + process.pid + '.js'); hook = require(armed + '.' + process.pid + '.js') } catch (error) { if (error.code !== 'ENOENT') throw error }
  if (hook) {
    const listeners = []
    const send = process.send
    process.send = function (packet, ...rest) {
      const done = send.call(process, packet, ...rest)
      for (const listener of listeners) listener(packet.name)
      return done
    }
    hook({ fs, die: () => { process.kill(process.pid, 'SIGKILL'); for (;;); }, sent: (listener) => { listeners.push(listener) } })
  }
  require(${JSON.stringify(enginePath)})`

const started: ChildProcess[] = []
watchProcesses((child) => { started.push(child) })

/** The processes that this one has started, with or without a word of theirs, and that have not ended. */
export const living = (): number[] => started.flatMap(({ pid, exitCode, signalCode }) => pid === undefined || exitCode !== null || signalCode !== null ? [] : [pid])

/** A file with this content in a new folder, made with the folders above it. */
export function fileWith(name: string, content: string): string {
  const folder = newFolder()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
