import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { RunOutcome } from '../../../src/protocol/run'
import { readFrames } from '../../../src/run/frames'
import { pruneRuns } from '../../../src/run/prune'
import { openRun } from '../../../src/run/store'
import { reportOf } from '../../../src/sampler/errors'
import { stoppedText } from '../../../webview/announce'
import type { Fault, FaultGroup, Happened } from './faultTable'
import { fileWith, openWindow, type FaultWindow, type Hook } from './faultWindow'
import { folderWith, newFolder, slow } from './testModels'
import { alive, cpu, enginePath, recipe, until } from './withClient'

const long = { 'model.path': 'digits', 'solver.steps': 500 }
/** Of a model that takes about a second for every evaluation but the first. */
const unhurried = (): string => folderWith({ 'model.onnx': slow(700, 60) })
const settings = 'Open Settings'
const another = 'Record in another folder.'
const space = 'Free some space, or record in another folder.'
const rows = ({ session }: FaultWindow): number => session.state.run?.rows.length ?? 0

/** The engine meets a disk that is full, by the system's own word: what it would write goes to /dev/full. */
const full = (fault: string, kept: string, outcome: 'failed' | 'interrupted' | null, hook: Hook): Fault => ({
  fault, reads: 'The run cannot be recorded in {folder}: there is no space left on the disk.', advice: space, button: settings, kept, recorded: outcome ? 'rows' : 'nothing', ends: false,
  happens: async ({ arm, generate }) => {
    arm(hook)
    const { error, folder } = await generate({ ...long, 'solver.steps': 50 })
    return { error, ...(outcome ? { recording: { folder, outcome } } : {}) }
  },
})

/** A folder in which no run can be recorded; afterwards the window has another. */
const noFolder = (fault: string, place: () => string, why: string, before: (window: FaultWindow) => void = () => {}): Fault => {
  return {
    fault, reads: `The run cannot be recorded in {folder}: ${why}.`, advice: another, button: settings, kept: 'Nothing: the run was not begun. The last picture stays.', recorded: 'nothing', ends: false,
    window: () => ({ runs: place() }),
    happens: async (window) => {
      before(window)
      // A formula needs no file of ours, which another user may not read.
      return { error: (await window.generate({ 'model.path': 'mixture2d' })).error }
    },
    mend: async ({ client, moveRuns }) => { await client.kill(); moveRuns(newFolder()) },
  }
}

const disk: Fault[] = [
  full('The disk is full before the first step', 'Nothing: the run was not begun.', null, ({ fs }) => {
    const { writeFileSync: write } = fs
    let once = true
    fs.writeFileSync = ((...args: Parameters<typeof write>) => { if (!once) { write(...args); return } once = false; write('/dev/full', args[1]) })
  }),
  full('The disk is full during a run', 'Every step that fitted.', 'failed', ({ fs }) => {
    const { writevSync, openSync } = fs
    let states = 0
    fs.writevSync = (file, parts, at) => writevSync(++states === 40 ? openSync('/dev/full', 'w') : file, parts, at)
  }),
  full('The disk is full when the end is written', 'Every step; the end is missing from the recording, which looks interrupted when it is opened again.', 'interrupted', ({ fs }) => {
    const { writeSync, openSync } = fs
    let once = true
    fs.writeSync = ((file: number, line: Buffer, done: number) => {
      const ending = once && line.includes('"event":"end"')
      once &&= !ending
      return writeSync(ending ? openSync('/dev/full', 'w') : file, line, done)
    }) as typeof writeSync
  }),
  noFolder('`record.folder` is a file', () => fileWith('runs', ''), 'a part of its path is a file'),
  noFolder('`record.folder` is where nothing can be made', () => '/proc/runs', 'there is no place for it'),
  noFolder('`record.folder` may not be written', () => {
    const folder = join(newFolder(), 'runs')
    mkdirSync(folder)
    chmodSync(folder, 0o555)
    return folder
  }, 'it may not be written', ({ arm }) => {
    // Who is everybody's master may write everywhere: the engine becomes nobody once it has read its own files.
    arm(({ sent }) => { sent((name) => { if (name === 'engine/log' || process.getuid?.() !== 0) return; process.seteuid!(65534) }) })
  }),
]

const lost: Fault[] = [
  {
    fault: 'The run’s folder is deleted during the run', reads: 'The run cannot be recorded in {folder}: it was deleted.', advice: 'Run again.', button: 'Run Again', kept: 'What is on show.', recorded: 'nothing', ends: false,
    happens: async (window) => {
      const ended = window.generate({ 'model.path': unhurried() })
      await until(() => rows(window) > 0, 'a row')
      rmSync(join(window.runs, window.session.state.run!.runId), { recursive: true })
      return { error: (await ended).error }
    },
  },
  {
    fault: 'The run’s folder is deleted, and a step of it is looked at', reads: 'Row 3 of the run cannot be read from {file}: it is not there any more.', advice: 'Choose another run, or generate a new sample.', button: 'Run Again', kept: 'What is on show.', recorded: 'nothing', ends: false,
    happens: async (window) => ({ error: await scrubbed(window, (folder) => { rmSync(folder, { recursive: true }) }) }),
  },
  {
    fault: 'The states of a recording are cut short, and a step beyond is looked at', reads: 'Row 3 of the run cannot be read from {file}: it ends before this row.', advice: 'Choose another run, or generate a new sample.', button: 'Run Again', kept: 'The rows before.', recorded: 'rows', ends: false,
    happens: async (window) => {
      let folder = ''
      const error = await scrubbed(window, (at, rowBytes) => { truncateSync(join(folder = at, 'states.f32'), 3 * rowBytes) })
      return { error, recording: { folder, outcome: 'finished', rows: 3 } }
    },
  },
]

/** What is said of row 3 of a finished run after something was done to its folder. */
async function scrubbed({ generate, session }: FaultWindow, harm: (folder: string, rowBytes: number) => void): Promise<ReturnType<typeof reportOf>> {
  const { folder, runId } = await generate({ 'model.path': 'digits', 'solver.steps': 5 })
  const recorded = session.runner.recorded(runId, 3)!
  harm(folder, recorded.run.document.states.rowBytes)
  const error = await readFrames(recorded.run, recorded.row, 'auto').then(() => { throw new Error('it was read') }, reportOf)
  session.report(error) // as the panel does
  return error
}

/** A window on the same recordings, which the one that is checked is the next life of. */
const other = ({ runs }: FaultWindow): FaultWindow => openWindow({ after: () => {} }, { runs })

async function nextLife(window: FaultWindow, outcome: RunOutcome | 'interrupted'): Promise<Happened> {
  await window.session.restore(null)
  const run = window.session.state.run!
  const { folder, rows: recorded } = await openRun(join(window.runs, run.runId))
  if (recorded.length === 0) throw new Error('no row is there')
  return { error: null, says: { text: stoppedText(run) }, recording: { folder, outcome } }
}

const windows: Fault[] = [
  {
    fault: 'VS Code is closed during a run', reads: 'Stopped at step {n} of 20.', advice: '', button: '', kept: 'Every finished step; it is on show when the window opens again.', recorded: 'rows', ends: true, silent: true,
    happens: async (window) => {
      const closing = other(window)
      const ended = closing.generate({ 'model.path': unhurried() })
      await until(() => rows(closing) > 0, 'a row')
      await closing.close()
      await ended
      for (const pid of closing.pids) window.pids.add(pid)
      return nextLife(window, 'stopped')
    },
  },
  {
    fault: 'VS Code is killed during a run', reads: 'Interrupted at step {n} of 20, or still going in another window.', advice: '', button: '', kept: 'Every finished step; it is on show when the window opens again.', recorded: 'rows', ends: true, silent: true,
    happens: async (window) => {
      const run = { runId: '20260102-030405-aaaa', recipe: recipe((made) => { made.model.path = unhurried() }), folder: join(window.runs, '20260102-030405-aaaa'), preview: null, engine: cpu }
      const host = spawn(process.execPath, ['-e', `
        const engine = require('node:child_process').fork(${JSON.stringify(enginePath)}, [], { serialization: 'advanced', execArgv: [] })
        engine.send({ kind: 'request', id: 1, name: 'run/start', params: ${JSON.stringify(run)} })
        engine.on('message', ({ name }) => { if (name === 'run/rows') console.log(engine.pid) })`], { stdio: ['ignore', 'pipe', 'inherit'] })
      const pid = await new Promise<number>((resolve) => { host.stdout.once('data', (data: Buffer) => { resolve(parseInt(data.toString(), 10)) }) })
      host.kill('SIGKILL')
      await until(() => !alive(pid), 'the engine to end')
      window.pids.add(pid)
      return nextLife(window, 'interrupted')
    },
  },
  {
    fault: 'Two windows on one `record.folder`, one of which removes old recordings while the other runs', reads: 'Nothing.', advice: '', button: '', kept: 'The run that is going, in whichever window, and the newest of the others.', recorded: 'rows', ends: true, silent: true,
    happens: async (window) => {
      const second = other(window)
      const ended = window.generate({ 'model.path': folderWith({ 'model.onnx': slow(1500, 60) }) })
      await until(() => rows(window) > 0, 'a row')
      for (let run = 0; run < 3; run++) {
        const { outcome, error } = await second.generate({ 'solver.steps': 2 })
        if (outcome !== 'finished') throw new Error(error?.message)
      }
      // What its session does after a run, where its limit is one; here its end is waited for.
      const removed = await pruneRuns(window.runs, { keepRuns: 1, maxDiskMB: 1 }, (runId) => second.session.state.run?.runId === runId)
      if (removed.length === 0) throw new Error('none was removed')
      for (const pid of second.pids) window.pids.add(pid)
      await second.close()
      window.session.stop()
      window.session.runner.forceStop()
      const { folder } = await ended
      const told = [...window.told, ...second.told].map(({ message }) => message).join(' ')
      return { error: null, says: { text: told || 'Nothing.' }, recording: { folder, outcome: 'stopped' } }
    },
  },
]

export const fileFaults: FaultGroup[] = [
  { title: 'The disk', about: 'A row is recorded before the next evaluation begins, its states before its line: what cannot be written ends the run.', faults: disk },
  { title: 'Recordings that are lost', about: '', faults: lost },
  { title: 'Windows', about: '', faults: windows },
]
