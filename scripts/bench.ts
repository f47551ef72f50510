// npm run -s bench [-- --json]: what the loop costs beside the network, the tensor kernel, the time to the first preview, activation, bundle sizes.
// npm run -s bench -- --providers [--json]: the bundled models on every execution provider that works here, and the start of an engine.
// npm run -s bench -- --server URL [--json]: how many images an inference server evaluates in a second, and this machine alone.
// npm run -s bench -- --memory [--json]: resident memory of host and engine while a long run is recorded and looked at row by row.
// npm run -s bench -- --previews [--show x,x0,eps,delta] [--json]: what the visible preview costs a run, how quickly recorded rows are gone through, and previews over a link of 2 MB/s.
// npm run -s bench -- --stop [--json]: milliseconds from Stop and Force Stop to the end of a run.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureKernel, type KernelFigures } from './bench/kernel'
import { median } from './bench/median'
import { measureMemory, memoryInWords } from './bench/memory'
import { measureOverhead, type Measured, type Overhead } from './bench/overhead'
import { measurePreviews, previewsInWords } from './bench/previews'
import { measureProviders, providersInWords } from './bench/providers'
import { measureServer, throughputInWords } from './bench/server'
import { measureStop, stopInWords, type StopFigures } from './bench/stop'

/** What scripts/bench/inHost.ts measures in the extension host, in milliseconds. */
export interface HostFigures { activationMs: number; cold: number; warm: number }
export interface Figures {
  overhead: Overhead[]
  /** The tensor kernel, src/sampler/combine.ts. */
  combine: KernelFigures[]
  /** From the command Generate Sample to the moment the page has drawn; cold: the window's first, with activation, engine start and model. */
  firstPreviewMs: { cold: number; warm: number }
  /** Loading the extension's bundle and its activate(). */
  activationMs: number
  /** Of the production build, in bytes; later: what is not loaded at the start, of the host by the names in hostParts.json. */
  bundles: Record<string, number> & { host: number; page: number; pageLater: number; pageWebm: number }
}

const root = join(__dirname, '../..')
/** Windows that are opened for first previews and activation; the median is told. */
const windows = 5

async function main(): Promise<void> {
  const asJson = process.argv.includes('--json')
  const tell = (text: string): void => { process.stderr.write(text) }
  const server = process.argv[process.argv.indexOf('--server') + 1]
  if (process.argv.includes('--server')) {
    const measured = await measureServer(server ?? '', root, tell)
    process.stdout.write(asJson ? `${JSON.stringify(measured)}\n` : throughputInWords(measured))
    return
  }
  if (process.argv.includes('--providers')) {
    const measured = await measureProviders(tell)
    process.stdout.write(asJson ? `${JSON.stringify(measured)}\n` : providersInWords(measured))
    return
  }
  const scratch = mkdtempSync(join(tmpdir(), 'dpm-bench-'))
  const enginePath = join(root, 'dist/engine.js')
  const say = (figures: unknown, words: string): void => { process.stdout.write(asJson ? `${JSON.stringify(figures)}\n` : words) }
  try {
    if (process.argv.includes('--memory')) {
      const figures = await measureMemory({ steps: 1000, batch: 64, enginePath, scratch, tell })
      say(figures, memoryInWords(figures))
      return
    }
    if (process.argv.includes('--previews')) {
      const at = process.argv.indexOf('--show')
      const figures = await measurePreviews({ root, scratch, tell, show: at === -1 ? ['x', 'x0'] : (process.argv[at + 1] ?? '').split(',') })
      say(figures, previewsInWords(figures))
      return
    }
    if (process.argv.includes('--stop')) {
      const figures: StopFigures[] = []
      for (const [model, batch] of [['digits', 16], ['emoji', 4]] as const) figures.push(await measureStop({ model, batch, stops: 200, kills: 50, enginePath, scratch }))
      say(figures, stopInWords(figures))
      return
    }
    // What users get; the next development build replaces it.
    execFileSync(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { stdio: ['ignore', 2, 2] })
    const measured: Measured[] = []
    for (const model of ['digits', 'emoji']) {
      for (const batch of [1, 4, 16]) {
        tell(`${model}, batch ${batch} …\n`)
        measured.push(await measureOverhead({ model, batch, enginePath: join(root, 'dist/engine.js'), scratch }))
      }
    }
    tell('tensor kernel …\n')
    const combine = measureKernel()
    const host: HostFigures[] = []
    for (let i = 0; i < windows; i++) {
      tell(`window ${i + 1} of ${windows} …\n`)
      host.push(inHost(join(scratch, `host-${i}.json`)))
    }
    const figures: Figures = {
      overhead: measured.map(({ model, batch, evaluations, wallMs, runMs, perEvaluationMs, ratio }) => ({ model, batch, evaluations, wallMs, runMs, perEvaluationMs, ratio })),
      combine,
      firstPreviewMs: { cold: median(host.map(({ cold }) => cold)), warm: median(host.map(({ warm }) => warm)) },
      activationMs: median(host.map(({ activationMs }) => activationMs)),
      bundles: JSON.parse(execFileSync(process.execPath, [join(root, 'esbuild.mjs'), '--sizes'], { encoding: 'utf8' })) as Figures['bundles'],
    }
    process.stdout.write(asJson ? `${JSON.stringify(figures)}\n` : inWords(figures, measured))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Opens a window in the test VS Code and reads what the suite in it measured. */
function inHost(file: string): HostFigures {
  execFileSync(process.execPath, [join(root, 'test/run-electron.mjs'), join(__dirname, 'bench/inHost.js')], { env: { ...process.env, TEST_RESULTS_FILE: file }, stdio: ['ignore', 2, 2] })
  return JSON.parse(readFileSync(file, 'utf8')) as HostFigures
}

function inWords({ combine, firstPreviewMs, activationMs, bundles }: Figures, measured: Measured[]): string {
  const lines = measured.map(({ model, batch, evaluations, wallMs, runMs, insideMs, perEvaluationMs, ratio }) => [
    model.padEnd(7), String(batch).padStart(5), String(evaluations).padStart(11), wallMs.toFixed(2).padStart(9), runMs.toFixed(2).padStart(9), insideMs.toFixed(2).padStart(13),
    perEvaluationMs.toFixed(3).padStart(17), ratio.toFixed(3).padStart(7)].join(' '))
  const kernel = combine.map(({ shape, terms, combineGBs, plainGBs, copyGBs, share }) => [
    shape.join('×').padEnd(14), String(terms).padStart(5), combineGBs.toFixed(1).padStart(13), plainGBs.toFixed(1).padStart(15), copyGBs.toFixed(1).padStart(10), `${(100 * share).toFixed(0)} %`.padStart(14)].join(' '))
  const parts = Object.keys(JSON.parse(readFileSync(join(root, 'hostParts.json'), 'utf8')) as object).map((name) => `${name} ${kB(bundles[name]!)}`)
  return [
    'model   batch evaluations   wall ms    run ms  run in it ms  overhead/eval ms   ratio', ...lines, '',
    'combine        terms  combine GB/s  plain loop GB/s  copy GB/s  share of copy', ...kernel, '',
    `first preview   cold ${firstPreviewMs.cold.toFixed(0)} ms, warm ${firstPreviewMs.warm.toFixed(0)} ms`,
    `activation      ${activationMs.toFixed(1)} ms`,
    `bundles         host ${kB(bundles.host)} and later ${parts.join(', ')}; page ${kB(bundles.page)}, later ${kB(bundles.pageLater)} and for WebM ${kB(bundles.pageWebm)}`, '',
  ].join('\n')
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

main().catch((error: unknown) => { console.error(error); process.exitCode = 1 })
