// Error versus evaluations on a mixture of Gaussians, beside the best figure of other programs.   npm run errors [-- FILE] [--json]
import { linesOf, type Line } from './errors/lines'
import peers from './errors/peers.json'
import { problemsOf } from './errors/problem'
import { GoldenError, readMeasurement, type Data } from './golden/file'

const usage = 'npm run errors [-- FILE] [--json]'

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  try {
    const [file, ...more] = args.filter((arg) => arg !== '--json')
    if (more.length > 0 || file?.startsWith('-')) throw new GoldenError(`${more[0] ?? file} is not understood: ${usage}`)
    const measured: Data = file === undefined ? peers : readMeasurement(file)
    const schedules = []
    for (const problem of problemsOf(measured)) schedules.push({ schedule: problem.name, rows: await linesOf(problem, measured) })
    if (json) console.log(JSON.stringify({ schedules: schedules.map(({ schedule, rows }) => ({ schedule, rows: rows.map(({ nfe, bestPeer, ours, method, spacing }) => ({ nfe, bestPeer, ours, method, spacing })) })) }))
    else for (const { schedule, rows } of schedules) printTable(schedule, rows)
    if (schedules.some(({ rows }) => rows.some(({ ours, bestPeer }) => ours > bestPeer))) process.exitCode = 1
  } catch (error) {
    const message = error instanceof GoldenError ? error.message : `Unexpected error: ${error instanceof Error ? error.message : String(error)}`
    if (json) console.log(JSON.stringify({ error: { reason: 'measurementFile', message, advice: 'Give a file of measurements, or none.' } }))
    else console.error(message)
    process.exitCode = 1
  }
}

function printTable(schedule: string, rows: readonly Line[]): void {
  console.log(`\n${schedule}: root mean square distance to the exact solution, 512 starts`)
  console.log(`${'evaluations'.padStart(11)}${'best peer'.padStart(12)}${'ours'.padStart(12)}${'ratio'.padStart(8)}  method`)
  for (const { nfe, bestPeer, ours, method, spacing, peer } of rows) {
    console.log(`${String(nfe).padStart(11)}${bestPeer.toExponential(2).padStart(12)}${ours.toExponential(2).padStart(12)}${(ours / bestPeer).toFixed(2).padStart(8)}  ${method}, ${spacing}   (peer ${peer})`)
  }
}

void main(process.argv.slice(2))
