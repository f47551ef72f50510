// The methods side by side on the bundled digits: Fréchet distance, label accuracy, distance to the exact ODE.   npm run results [-- --json] [--samples n] [--jobs n]
import '../src/engine/environment'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findModel } from '../src/engine/modelFolder'
import { makePlan } from '../src/sampler/plan'
import { scheduleOf } from '../src/sampler/schedule/schedule'
import { cells, exactCell, exactSteps, guidances, nameOf, type Cell } from './results/cells'
import { folderOf, readDocument, writtenDocument, type ResultsDocument } from './results/document'
import { figuresOf, firstSamples, type Figures } from './results/figures'
import { filesIn, referenceMoments, withLab } from './results/lab'
import { picture } from './results/picture'
import { hashOf, Samples } from './results/samples'
import { asText, withResults } from './results/table'
import { Workers } from './results/workers'
import type { Task } from './results/worker'

const usage = 'npm run results [-- --json] [--samples n] [--jobs n]'
const root = join(__dirname, '../..')
const pixels = 32 * 32
/** Samples that are drawn together. */
const chunk = 50

const tell = (text: string): void => { process.stderr.write(`${text}\n`) }

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  try {
    const { samples, jobs } = parse(args)
    const document = await measure(samples, jobs)
    await keep(document)
    process.stdout.write(json ? `${JSON.stringify(document)}\n` : asText(document))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (json) console.log(JSON.stringify({ error: { reason: 'results', message, advice: `Correct it and run it again, what is done is kept: ${usage}.` } }))
    else console.error(message)
    process.exitCode = 1
  }
}

/** @throws RangeError for options that there are not */
function parse(args: readonly string[]): { samples: number; jobs: number } {
  const values: Record<string, number> = { '--samples': 2000, '--jobs': availableParallelism() }
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!
    if (name === '--json') continue
    const value = Number(args[++i])
    if (!(name in values) || !Number.isInteger(value) || value < 1) throw new RangeError(`${name} ${args[i] ?? ''} is not understood: ${usage}`)
    values[name] = value
  }
  if (values['--samples']! < firstSamples) throw new RangeError(`At least ${firstSamples} samples are needed: ${usage}`)
  return { samples: values['--samples']!, jobs: values['--jobs']! }
}

/** Draws what is missing, cell after cell; what an earlier run drew is continued. */
async function measure(samples: number, jobs: number): Promise<ResultsDocument> {
  const files = filesIn(root)
  const hashes = { model: hashOf(join(files.models, 'digits/unet/model.onnx')), features: hashOf(files.features) }
  const onnxruntime = (JSON.parse(readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8')) as { version: string }).version
  const schedule = scheduleOf(findModel('digits', files.models).scheduler!.schedule)
  const kept = new Samples(join(root, 'artifacts/results'), [...Object.values(hashes), onnxruntime].join(), ({ request }) => makePlan(request, schedule))
  const reference = referenceMoments(root)
  const workers = await Workers.start(jobs, join(__dirname, 'results/worker.js'), root)
  try {
    const figures: Figures[] = []
    for (const [index, cell] of cells.entries()) {
      const started = performance.now()
      await complete(workers, kept, cell, samples)
      const own = figuresOf(cell, kept.records(cell, samples), reference)
      figures.push(own)
      tell(`${index + 1}/${cells.length} ${nameOf(cell)}: Fréchet distance ${own.frechet}, ${(100 * own.accuracy).toFixed(1)} % right, rms ${own.rms ?? '–'}, ${own.meanNfe} evaluations; ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
    const exact: ResultsDocument['exact'] = []
    for (const guidance of guidances) {
      const twice = exactCell(guidance, 2 * exactSteps)
      await complete(workers, kept, twice, firstSamples)
      exact.push({ guidance, steps: exactSteps, moves: figuresOf(twice, kept.records(twice, firstSamples), reference).rms ?? NaN })
    }
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { model: { name: 'digits', sha256: hashes.model }, features: { sha256: hashes.features }, versions: { product: version, onnxruntime, node: process.versions.node }, samples, exact, cells: figures }
  } finally {
    workers.dispose()
  }
}

/** Draws and judges what is missing of a cell's samples. */
async function complete(workers: Workers, kept: Samples, cell: Cell, samples: number): Promise<void> {
  const exact = exactCell(cell.guidance)
  const keepImages = cell.nfe === exactSteps
  const tasks: Task[] = []
  for (let first = kept.count(cell, keepImages ? pixels : undefined); first < samples; first += chunk) {
    tasks.push({ cell, first, count: Math.min(chunk, samples - first), keepImages, ...(keepImages ? {} : { exact: kept.path(exact, 'images') }) })
  }
  await workers.all(tasks, ({ records, images }, { first }) => { kept.append(cell, first, records, images) })
}

/** File, picture and README; figures of more samples of the same models are not replaced. */
async function keep(document: ResultsDocument): Promise<void> {
  const before = readDocument(root)
  if (before && before.samples > document.samples && before.model.sha256 === document.model.sha256 && before.features.sha256 === document.features.sha256) {
    tell(`docs/figures keeps its figures of ${before.samples} samples.`)
    return
  }
  const folder = folderOf(root)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), writtenDocument(document))
  writeFileSync(join(folder, 'results.png'), await withLab(root, picture))
  const readme = join(root, 'README.md')
  writeFileSync(readme, withResults(readFileSync(readme, 'utf8'), document))
}

void main(process.argv.slice(2))
