import { compare } from './compare'
import type { Data, GoldenFile } from './file'
import { runnerOf } from './kinds'

export interface Counts { cases: number; passed: number; failed: number; unsupported: number; worst: number }
export interface FileReport extends Counts {
  file: string
  /** What is not supported, with the number of cases that need it. */
  missing: Map<string, number>
  /** One sentence for each failed case. */
  failures: string[]
}

/** Runs every case of a file. A case that throws is a failed one. */
export async function runFile({ name, kind, check, header, cases }: GoldenFile): Promise<FileReport> {
  const report: FileReport = { file: name, cases: cases.length, passed: 0, failed: 0, unsupported: 0, worst: 0, missing: new Map(), failures: [] }
  const runner = runnerOf(kind)
  for (const [index, golden] of cases.entries()) {
    const fail = (why: string): void => {
      report.failed += 1
      report.failures.push(`${name} case ${index} (${describe(golden)}): ${why}`)
    }
    try {
      const outcome = await runner(golden, header)
      if ('unsupported' in outcome) {
        report.unsupported += 1
        report.missing.set(outcome.unsupported, (report.missing.get(outcome.unsupported) ?? 0) + 1)
        continue
      }
      const { worst, failure } = compare(check, outcome)
      report.worst = Math.max(report.worst, worst)
      if (failure === undefined) report.passed += 1
      else fail(failure)
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error))
    }
  }
  return report
}

export function total(reports: readonly Counts[]): Counts {
  const sum = (of: (counts: Counts) => number): number => reports.reduce((so_far, counts) => so_far + of(counts), 0)
  return {
    cases: sum(({ cases }) => cases), passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed),
    unsupported: sum(({ unsupported }) => unsupported), worst: Math.max(0, ...reports.map(({ worst }) => worst)),
  }
}

/** A case in a few words: its short texts and numbers. */
function describe(golden: Data): string {
  return Object.entries(golden).filter(([, value]) => typeof value === 'string' || typeof value === 'number').slice(0, 9).map(([key, value]) => `${key} ${String(value)}`).join(', ')
}
