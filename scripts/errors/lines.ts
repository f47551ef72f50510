import { list, number, text, type Data } from '../golden/file'
import { candidates } from './candidates'
import { errorOf, type Problem } from './problem'

/** At one number of evaluations: the smallest error of the peers and of our candidates. */
export interface Line { nfe: number; bestPeer: number; ours: number; method: string; spacing: string; peer: string }

/** Runs every candidate at every number of evaluations that the measurements of the peers have. */
export async function linesOf(problem: Problem, measured: Data): Promise<Line[]> {
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
