// Error versus evaluations on a mixture of Gaussians, beside the best figure of other programs.   npm run errors [-- FILE] [--json]
import { candidates } from './errors/candidates'
import peers from './errors/peers.json'
import { errorOf, problemsOf, type Problem } from './errors/problem'
import { GoldenError, list, number, readMeasurement, text, type Data } from './golden/file'

const usage = 'npm run errors [-- FILE] [--json]'

/** At one number of evaluations: the smallest error of the peers and of our candidates. */
interface Line { nfe: number; bestPeer: number; ours: number; method: string; spacing: string; peer: string }

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  try {
    const [file, ...more] = args.filter((arg) => arg !== '--json')
    if (more.length > 0 || file?.startsWith('-')) throw new GoldenError(`${more[0] ?? file} is not understood: ${usage}`)
    const measured: Data = file === undefined ? peers : readMeasurement(file)
    const schedules = []
    for (const problem of problemsOf(measured)) schedules.push({ schedule: problem.name, rows: await linesOf(problem, measured) })
    if (json) console.log(JSON.stringify({ schedules: schedules.map(({ schedule, rows }) => ({ schedule, rows: rows.map(({ peer: _, ...row }) => row) })) }))
    else for (const { schedule, rows } of schedules) printTable(schedule, rows)
    if (schedules.some(({ rows }) => rows.some(({ ours, bestPeer }) => ours > bestPeer))) process.exitCode = 1
  } catch (error) {
    const message = error instanceof GoldenError ? error.message : `Unexpected error: ${error instanceof Error ? error.message : String(error)}`
    if (json) console.log(JSON.stringify({ error: { reason: 'measurementFile', message, advice: 'Give a file of measurements, or none.' } }))
    else console.error(message)
    process.exitCode = 1
  }
}

async function linesOf(problem: Problem, measured: Data): Promise<Line[]> {
  // Adaptive runs, which have no number of evaluations of their own choice, are left out.
  const rows = list(measured, 'rows').filter((row) => text(row, 'config') === problem.name && !('samples' in row))
  const lines: Line[] = []
  for (const nfe of [...new Set(rows.map((row) => number(row, 'nfe_requested')))].sort((a, b) => a - b)) {
    const best = rows.filter((row) => number(row, 'nfe_requested') === nfe).reduce((a, b) => number(b, 'rms') < number(a, 'rms') ? b : a)
    const ours = []
    for (const { method, spacing, request } of candidates) {
      const { rms, evaluations } = await errorOf(problem, { ...request, steps: nfe })
      if (evaluations <= nfe) ours.push({ rms, method, spacing })
    }
    const { rms, method, spacing } = ours.reduce((a, b) => b.rms < a.rms ? b : a)
    lines.push({ nfe, bestPeer: number(best, 'rms'), ours: rms, method, spacing, peer: `${text(best, 'peer')}: ${text(best, 'method')} [${text(best, 'skip')}]` })
  }
  return lines
}

function printTable(schedule: string, rows: readonly Line[]): void {
  console.log(`\n${schedule}: root mean square distance to the exact solution, 512 starts`)
  console.log(`${'evaluations'.padStart(11)}${'best peer'.padStart(12)}${'ours'.padStart(12)}${'ratio'.padStart(8)}  method`)
  for (const { nfe, bestPeer, ours, method, spacing, peer } of rows) {
    console.log(`${String(nfe).padStart(11)}${bestPeer.toExponential(2).padStart(12)}${ours.toExponential(2).padStart(12)}${(ours / bestPeer).toFixed(2).padStart(8)}  ${method}, ${spacing}   (peer ${peer})`)
  }
}

void main(process.argv.slice(2))
