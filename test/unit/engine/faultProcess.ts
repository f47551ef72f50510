import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { engineProtocol } from '../../../src/protocol/engine'
import { systemClock } from '../../../src/run/clock'
import type { RunSummary } from '../../../src/run/runner'
import { statusTooltip } from '../../../src/views/statusText'
import { overdue } from '../../../webview/announce'
import type { Fault, FaultGroup, Happened } from './faultTable'
import { fileWith, living, type FaultWindow, type Hook, type WindowOptions } from './faultWindow'
import { folderWith, newFolder, slow } from './testModels'
import { alive, enginePath, until } from './withClient'

/** Of a model that takes seconds for every evaluation but the first. */
const stuck = (): Record<string, unknown> => ({ 'model.path': folderWith({ 'model.onnx': slow(1500, 60) }) })
const long = { 'model.path': 'digits', 'solver.steps': 500 }
const everyStep = 'Every finished step.'
const runAgain = 'Run Again'
const memory = 'It may have run out of memory, or was ended from outside: run again, with a smaller batch if it happens twice.'
const logHas = 'Run again; the log has what the engine printed.'

const failed = ({ error, folder }: RunSummary): Happened => ({ error, recording: { folder, outcome: 'failed' } })
const rows = ({ session }: FaultWindow): number => session.state.run?.rows.length ?? 0

type Death = Pick<Fault, 'fault' | 'reads' | 'kept' | 'recorded'>
/** The engine dies by its own hand, at a moment that the hook knows. */
const dies = (death: Death, hook: Hook, set: Record<string, unknown> = long): Fault => ({
  ...death, advice: memory, button: runAgain, ends: true,
  happens: async ({ arm, generate }) => {
    arm(hook)
    const summary = await generate(set)
    return death.kept === everyStep || death.recorded === 'rows' ? failed(summary) : { error: summary.error }
  },
})
/** … by the host's or somebody else's, once the first row is there. */
const killed = (signal: NodeJS.Signals, death: Partial<Fault> & Death, set: () => Record<string, unknown>): Fault => ({
  advice: memory, button: runAgain, ends: true, ...death,
  happens: async (window) => {
    const ended = window.generate(set())
    await until(() => rows(window) > 0, 'a row')
    process.kill(await window.engine(), signal)
    return failed(await ended)
  },
})

const deaths: Fault[] = [
  dies({ fault: '`kill -9` while the model loads', reads: 'The engine process exited (SIGKILL) while the model was loading.', kept: 'Nothing: the run had not begun.', recorded: 'nothing' }, ({ die, sent }) => {
    sent((name) => { if (name === 'run/loading') die() })
  }, stuck()), // not a bundled one: those are loaded before their run asks
  dies({ fault: '`kill -9` while `run.json` is written', reads: 'The engine process exited (SIGKILL) while the model was loading.', kept: 'Nothing: the run had not begun.', recorded: 'nothing' }, ({ fs, die }) => {
    fs.renameSync = die
  }),
  killed('SIGKILL', { fault: '`kill -9` during an evaluation', reads: 'The engine process exited (SIGKILL) during step 1 of 20. The recording up to step 0 is kept.', kept: everyStep, recorded: 'rows' }, stuck),
  dies({ fault: '`kill -9` between two steps', reads: 'The engine process exited (SIGKILL) during step {n} of 500. The recording up to step {n} is kept.', kept: everyStep, recorded: 'rows' }, ({ fs, die }) => {
    const { writeSync } = fs
    let lines = 0
    fs.writeSync = ((...args: Parameters<typeof writeSync>) => { const done = writeSync(...args); if (++lines === 40) die(); return done }) as typeof writeSync
  }),
  dies({ fault: '`kill -9` while recording, the states half written', reads: 'The engine process exited (SIGKILL) during step {n} of 500. The recording up to step {n} is kept.', kept: everyStep, recorded: 'rows' }, ({ fs, die }) => {
    const { writevSync } = fs
    let states = 0
    fs.writevSync = (file, parts, at) => { if (++states < 40) return writevSync(file, parts, at); writevSync(file, [parts[0] as Uint8Array]); return die() }
  }),
  dies({ fault: '`kill -9` while recording, the line half written', reads: 'The engine process exited (SIGKILL) during step {n} of 500. The recording up to step {n} is kept.', kept: everyStep, recorded: 'rows' }, ({ fs, die }) => {
    const { writeSync } = fs
    let lines = 0
    fs.writeSync = ((file: number, line: Buffer, done: number) => { if (++lines < 40) return writeSync(file, line, done); writeSync(file, line, 0, line.length >> 1); return die() }) as typeof writeSync
  }),
  killed('SIGTRAP', { fault: 'Memory that is refused to the process (SIGTRAP, SIGABRT)', reads: 'The engine process exited (SIGTRAP) during step 1 of 20. The recording up to step 0 is kept.', kept: everyStep, recorded: 'rows' }, stuck),
  killed('SIGSEGV', { fault: 'A crash (SIGSEGV)', reads: 'The engine process exited (SIGSEGV) during step 1 of 20. The recording up to step 0 is kept.', kept: everyStep, recorded: 'rows', advice: logHas }, stuck),
  {
    fault: 'A fourth exit within five minutes, after three restarts, with a run waiting', reads: 'The engine process exited (SIGKILL) during step 1 of 20. The recording up to step 0 is kept. It has exited 4 times in five minutes, so it is not started again by itself, and runs that waited are cancelled.',
    advice: 'See in the log what it said last, or try another model or provider; then restart it.', button: 'Restart Engine', kept: everyStep, recorded: 'rows', ends: true,
    window: () => ({ clock: { ...systemClock, now: () => 0 } }), // however long the four take here
    happens: async (window) => {
      let summary: RunSummary | undefined
      let waiting: Promise<RunSummary | undefined> | undefined
      for (let exits = 1; exits <= 4; exits++) {
        const ended = window.generate(stuck())
        if (exits === 4) waiting = window.session.generate({ set: { 'solver.steps': 2 } })
        await until(() => window.session.runner.going && rows(window) > 0, 'a row')
        process.kill(await window.engine(), 'SIGKILL')
        summary = await ended
      }
      if (await waiting !== undefined) throw new Error('the run that waited was started')
      return failed(summary!)
    },
  },
]

/** Resolves when the engine was asked for the run that was just begun: what comes before that in a session waits for nobody. */
async function asked(): Promise<void> { for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve)) }

/** Stops the run, and resolves with what the page says when the engine has not stopped it in time: an engine that is ended a moment later takes that back. */
async function stopInVain({ session, pids }: FaultWindow): Promise<NonNullable<Happened['says']>> {
  const seen: NonNullable<Happened['says']>[] = []
  session.changed.on(() => {
    const late = session.state.run && overdue(session.state.run)
    if (!late) return
    seen.push(late)
    for (const pid of living()) pids.add(pid) // one that never said who it is, too
  })
  await asked()
  session.stop()
  await until(() => seen.length > 0, 'Force Stop')
  return seen[0]!
}

/** A frozen engine, and the user stops the run. */
function frozen(fault: string, kept: string, when: 'before' | 'after', then: (window: FaultWindow) => Promise<void>, window: WindowOptions): Fault {
  return {
    fault, reads: 'The engine does not answer.', advice: '', button: 'Force Stop', kept, recorded: when === 'before' ? 'nothing' : 'rows', ends: true, silent: true, window: () => window,
    happens: async (at) => {
      const pid = await at.engine()
      if (when === 'before') process.kill(pid, 'SIGSTOP')
      const ended = at.generate(when === 'after' ? stuck() : long)
      if (when === 'after') {
        await until(() => rows(at) > 0, 'a row')
        process.kill(pid, 'SIGSTOP')
      }
      const says = await stopInVain(at)
      await then(at)
      const { outcome, folder, error } = await ended
      if (outcome !== 'stopped') throw new Error(`it ended as ${outcome}`)
      return { error, says, ...(when === 'after' ? { recording: { folder, outcome: 'stopped' as const } } : {}) }
    },
  }
}

const hangs: Fault[] = [
  frozen('The engine hangs (SIGSTOP) during a run, and **Stop** is pressed', 'Every finished step; the run counts as stopped.', 'after', async ({ session }) => { session.runner.forceStop() }, { killAfterSeconds: 0.3 }),
  frozen('… and nobody presses **Force Stop**: the process is ended after twice `engine.killAfterSeconds`', 'Every finished step; the run counts as stopped.', 'after', async () => {}, { killAfterSeconds: 0.3 }),
  frozen('The engine hangs before a run begins', 'Nothing: the run had not begun.', 'before', async ({ session }) => { session.runner.forceStop() }, { killAfterSeconds: 0.3 }),
]

/** Another program in the engine's place; afterwards the real one is there. */
function impostor(fault: string, program: string, reads: string, advice: string, button: string, more: Partial<Fault> = {}): Fault {
  let path = ''
  return {
    fault, reads, advice, button, kept: 'Nothing: the run had not begun.', recorded: 'nothing', ends: false,
    window: () => { path = fileWith('engine.js', program); return { killAfterSeconds: 0.3, engine: { enginePath: path } } },
    happens: async (window) => {
      const { error } = await window.generate(long)
      await window.client.kill()
      return { error }
    },
    mend: () => { writeFileSync(path, `require(${JSON.stringify(enginePath)})`) }, ...more,
  }
}

const speaks = (protocol: number, then = ''): string => `
  const say = (packet) => process.send(packet)
  process.on('message', ({ id, name, params }) => {
    if (name === 'engine/hello') say({ kind: 'result', id, result: { protocol: ${protocol}, version: '0', pid: process.pid, node: '', onnxruntime: '', backends: [] } })
    ${then}
  })
  process.on('disconnect', () => process.exit())`
const versions = 'Reload the window so that both sides are of one version.'

const channel: Fault[] = [
  impostor('An engine of an older version', speaks(0), 'The engine speaks version 0 of its protocol, and this host version {n}.', versions, 'Restart Engine'),
  impostor('An engine that refuses this version', `process.on('message', ({ id }) => process.send({ kind: 'error', id, error: { reason: 'engineProtocol', message: 'The engine speaks version 0 of its protocol, and was asked for 1.', advice: ${JSON.stringify(versions)} } }))`,
    'The engine speaks version 0 of its protocol, and was asked for 1.', versions, ''),
  impostor('A request that the engine does not know', speaks(engineProtocol, `if (name === 'run/start' || name === 'model/inspect') say({ kind: 'error', id, error: { reason: 'engineProtocol', message: 'The request “' + name + '” is not known to this version.', advice: ${JSON.stringify(versions)} } })`),
    'The request “run/start” is not known to this version.', versions, ''),
  impostor('Bytes on the channel that are no message', `require('node:fs').writeSync(3, 'Segmentation fault\\n'); process.on('disconnect', () => process.exit())`, 'The engine does not answer.', '', 'Force Stop', {
    ends: true, silent: true,
    happens: async (window) => {
      const ended = window.generate(long)
      const says = await stopInVain(window)
      window.session.runner.forceStop()
      return { error: (await ended).error, says }
    },
  }),
  {
    fault: 'Messages that are none, from the engine and to it, during a run', reads: 'Nothing; the log says `not understood`.', advice: '', button: '', kept: 'The whole run.', recorded: 'rows', ends: false, silent: true,
    happens: async ({ arm, lines, told, generate }) => {
      arm(({ sent }) => {
        let said = false
        sent((name) => {
          if (name !== 'run/began' || said) return
          said = true
          for (const garbage of ['text', 5, true, {}, [], { kind: 'none' }, { kind: 'result', id: 99999, result: 1 }, { kind: 'message', name: 'run/rows' }, { kind: 'message', name: 'later/version', params: 1 }, { kind: 'error', id: 1 }]) process.send!(garbage)
          for (const garbage of ['text', 5, {}, { kind: 'message', name: 'run/ack' }, { kind: 'message', name: 'later/version' }, { kind: 'result', id: 99999, result: 1 }]) process.emit('message', garbage as never, undefined as never)
        })
      })
      const { error, folder, outcome } = await generate({ 'model.path': 'digits' })
      if (outcome !== 'finished') throw new Error(error?.message)
      for (const what of ['from the engine: "text"', 'from the engine: message later/version', 'from the engine: run/rows', 'understood: {}', 'understood: run/ack']) if (!lines.some((line) => line.includes(what))) throw new Error(`the log does not have ${what}: ${lines.filter((line) => line.startsWith('warn')).join('\n')}`)
      return { error, says: { text: `${told.map(({ message }) => message).join(' ') || 'Nothing'}; the log says \`${/not understood/.exec(lines.join('\n'))?.[0] ?? ''}\`.` }, recording: { folder, outcome: 'finished' } }
    },
  },
]

const starts: Fault[] = [
  impostor('An engine that is not there', '', 'The engine process exited (code 1) while the model was loading, saying “Error: Cannot find module {path}”.', logHas, runAgain, {
    window: () => ({ engine: { enginePath: join(newFolder(), 'engine.js') } }), mend: ({ client }) => { writeFileSync(pathOf(client), `require(${JSON.stringify(enginePath)})`) },
  }),
  impostor('An engine that ends at once', 'process.exit(134)', 'The engine process exited (code 134) while the model was loading.', memory, runAgain),
  {
    fault: '`kill -9` of an engine that does nothing', reads: 'The status bar, in the colour of a warning: “DPM-Solver: the engine exited; the next run starts a new one”.', advice: '', button: '', kept: 'Everything.', recorded: 'nothing', ends: true, silent: true,
    happens: async (window) => {
      const pid = await window.engine()
      process.kill(pid, 'SIGKILL')
      await until(() => !alive(pid) && window.session.engineState === 'down', 'the engine’s end')
      const down = window.session.engineState === 'down'
      return { error: null, says: { text: `The status bar${down ? ', in the colour of a warning' : ''}: “${statusTooltip(window.session.state, down)}”.` } }
    },
  },
]

/** The path that a client was made with. */
function pathOf(client: FaultWindow['client']): string { return (client as unknown as { options: { enginePath: string } }).options.enginePath }

export const processFaults: FaultGroup[] = [
  { title: 'The engine ends', about: 'The next run starts a new process. What was recorded is closed with the error, and can be scrubbed.', faults: deaths },
  { title: 'The engine hangs', about: 'An evaluation cannot be interrupted; a process can.', faults: hangs },
  { title: 'The engine does not start', about: '', faults: starts },
  { title: 'The channel', about: 'Host and engine speak one version of one protocol, and neither trusts the other to.', faults: channel },
]
