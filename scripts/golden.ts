// Compares this implementation with golden numbers from other ones.   npm run golden -- DIR [--json]
import { GoldenError, readFolder } from './golden/file'
import { runFile, total, type Counts, type FileReport } from './golden/run'

const usage = 'npm run golden -- DIR [--json]'

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  try {
    const { folder, unknown } = parse(args)
    if (folder === undefined || unknown !== undefined) throw new GoldenError(unknown === undefined ? `Name a folder of golden files: ${usage}` : `${unknown} is not understood: ${usage}`)
    const reports: FileReport[] = []
    for (const file of readFolder(folder)) reports.push(await runFile(file))
    if (json) console.log(JSON.stringify({ files: reports.map(plain), total: counts(total(reports)) }))
    else printTable(reports)
    for (const { failures } of reports) {
      for (const failure of failures.slice(0, 3)) console.error(failure)
      if (failures.length > 3) console.error(`… and ${failures.length - 3} more in this file`)
    }
    if (reports.some(({ failed }) => failed > 0)) process.exitCode = 1
  } catch (error) {
    const message = error instanceof GoldenError ? error.message : `Unexpected error: ${error instanceof Error ? error.message : String(error)}`
    if (json) console.log(JSON.stringify({ error: { reason: 'goldenFile', message, advice: 'Give a folder of golden files, one JSON object each with “kind”, “check” and “cases”.' } }))
    else console.error(message)
    process.exitCode = 1
  }
}

function parse(args: readonly string[]): { folder: string | undefined; unknown: string | undefined } {
  const [folder, ...more] = args.filter((arg) => !arg.startsWith('-'))
  return { folder, unknown: args.find((arg) => arg.startsWith('-') && arg !== '--json') ?? more[0] }
}

/** Numbers that JSON does not have are written as texts. */
const finite = (value: number): number | string => Number.isFinite(value) ? value : String(value)
const counts = ({ cases, passed, failed, unsupported, worst }: Counts): Record<string, number | string> => ({ cases, passed, failed, unsupported, worst: finite(worst) })
const plain = (report: FileReport): Record<string, unknown> => ({ file: report.file, ...counts(report), methods: Object.fromEntries(report.missing) })

function printTable(reports: readonly FileReport[]): void {
  const width = Math.max(...reports.map(({ file }) => file.length), 'total'.length)
  const line = (file: string, cells: readonly string[], rest = ''): void => { console.log(`${file.padEnd(width)}${cells.map((cell) => cell.padStart(13)).join('')}  ${rest}`.trimEnd()) }
  const cells = ({ cases, passed, failed, unsupported, worst }: Counts): string[] => [cases, passed, failed, unsupported].map(String).concat(passed + failed > 0 ? worst.toExponential(1) : '–')
  line('', ['cases', 'passed', 'failed', 'unsupported', 'worst'])
  for (const report of reports) line(report.file, cells(report), [...report.missing].map(([method, count]) => `${method} (${count})`).join(', '))
  line('total', cells(total(reports)))
}

void main(process.argv.slice(2))
