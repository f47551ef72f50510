import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Ran { code: number | null; stdout: string; stderr: string }
export interface Running { child: ChildProcess; ended: Promise<Ran>; /** Resolves once stderr matches. */ stderrMatches: (pattern: RegExp) => Promise<RegExpExecArray> }

const folders: string[] = []
process.once('exit', () => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }) })

/** A folder that is removed when the process ends. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dpm-solver-cli-'))
  folders.push(folder)
  return folder
}

/** Starts the built command line in a folder, in a process group of its own. */
export function start(args: readonly string[], cwd: string): Running {
  const child = spawn(process.execPath, [resolve('dist/cli.js'), ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, XDG_CACHE_HOME: cwd } })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; for (const watch of watchers) watch() })
  const ended = new Promise<Ran>((done) => { child.once('close', (code) => { done({ code, stdout, stderr }) }) })
  return {
    child, ended,
    stderrMatches: (pattern) => new Promise((found, missed) => {
      const watch = (): void => {
        const match = pattern.exec(stderr)
        if (!match) return
        watchers.delete(watch)
        found(match)
      }
      watchers.add(watch)
      watch()
      void ended.then(() => { missed(new Error(`ended without ${pattern}: ${stderr}`)) })
    }),
  }
}

export const run = (args: readonly string[], cwd: string): Promise<Ran> => start(args, cwd).ended

export interface SampleAnswer {
  runFolder: string; images: string[]; contactSheet: string; outcome: string; nfe: number; ms: number; provider: string; tried: { provider: string }[]
  seeds: string[]; labels: number[] | null; notes: string[]; recipe: { noise: { seed: string; batch: number } }
}

/** Samples on the CPU with `--json` and returns its object. Throws where it failed. */
export async function sample(args: readonly string[], cwd: string): Promise<SampleAnswer> {
  const { code, stdout, stderr } = await run(['sample', '--json', '--provider', 'cpu', ...args], cwd)
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`)
  return JSON.parse(stdout) as SampleAnswer
}
