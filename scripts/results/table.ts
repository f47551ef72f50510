import { evaluations, exactSteps } from './cells'
import type { ResultsDocument } from './document'
import type { Figures } from './figures'

const [begin, end] = ['<!-- results: written by npm run results -->', '<!-- /results -->']
const spacings = { logSNR: 'λ', timeUniform: 't', trailing: 't, as diffusers', own: 'its own' } as const

/** A row of the table: one method with one kind of steps at one guidance scale. */
interface Line { method: string; steps: string; cells: (Figures | undefined)[] }

function linesOf({ cells }: ResultsDocument, guidance: number): Line[] {
  const own = cells.filter((cell) => cell.guidance === guidance && cell.nfe !== exactSteps)
  const methods = [...new Set(own.map(({ method }) => method))]
  return methods.flatMap((method) => (['logSNR', 'timeUniform', 'trailing', 'own'] as const).flatMap((spacing) => {
    const found = evaluations.map((nfe) => own.find((cell) => cell.method === method && cell.spacing === spacing && cell.nfe === nfe))
    return found.some((cell) => cell) ? [{ method, steps: spacings[spacing], cells: found }] : []
  }))
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const short = (value: number): string => value.toFixed(3).replace(/^0/, '')
const distance = (value: number): string => value < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString('en')

/** “18.8 · 98.5 % · .047 (at 16.1)” */
function entry(cell: Figures | undefined): string {
  if (!cell) return '–'
  const { frechet, accuracy, rms, nfe, meanNfe } = cell
  return `${distance(frechet)} · ${percent(accuracy)}${rms === null ? '' : ` · ${short(rms)}`}${meanNfe === nfe ? '' : ` (${meanNfe.toFixed(1)} evaluations)`}`
}

const guidancesOf = ({ cells }: ResultsDocument): number[] => [...new Set(cells.map(({ guidance }) => guidance))]
const exactOf = ({ cells }: ResultsDocument, guidance: number): Figures | undefined => cells.find((cell) => cell.guidance === guidance && cell.nfe === exactSteps)

/** The tables for a terminal. */
export function asText(document: ResultsDocument): string {
  return guidancesOf(document).map((guidance) => {
    const lines = linesOf(document, guidance).map(({ method, steps, cells }) => [method.padEnd(20), steps.padEnd(16), ...cells.map((cell) => entry(cell).padEnd(24))].join(' ').trimEnd())
    const exact = exactOf(document, guidance)
    return [
      `guidance ${guidance}, ${document.samples} samples: Fréchet distance · right labels · rms to the exact ODE${exact ? `, whose own are ${entry(exact)}` : ''}`,
      ['method'.padEnd(20), 'steps'.padEnd(16), ...evaluations.map((nfe) => `${nfe} evaluations`.padEnd(24))].join(' ').trimEnd(), ...lines, '',
    ].join('\n')
  }).join('\n')
}

/** What stands in the README between the two markers, these included. */
export function asMarkdown(document: ResultsDocument): string {
  const { samples, exact } = document
  const tables = guidancesOf(document).map((guidance) => {
    const own = exactOf(document, guidance)
    const lines = linesOf(document, guidance).map(({ method, steps, cells }) => `| ${[method, steps, ...cells.map(entry)].join(' | ')} |`)
    return [
      `| Guidance ${guidance}${own ? ` (exact ODE: ${distance(own.frechet)} · ${percent(own.accuracy)})` : ''} | steps in | ${evaluations.map((nfe) => `${nfe} evaluations`).join(' | ')} |`,
      `|---|---|${evaluations.map(() => '---').join('|')}|`, ...lines,
    ].join('\n')
  })
  const moves = exact.map((one) => `${one.moves.toFixed(4)} at guidance ${one.guidance}`).join(' and ')
  return [
    begin, '',
    `Fréchet distance to real digits in the features of a [small classifier](test/fixtures/digits-features/README.md) · samples that show the class asked for · rms distance to the exact ODE solution from the same noise (methods that solve it), ${samples.toLocaleString('en')} samples each. It depends on the number of samples.`,
    'Below the exact ODE’s own Fréchet distance the figure rewards what is left of the noise, not the solver: there the rms tells.', '',
    tables.join('\n\n'), '',
    `Exact is DPM-Solver++ 2M with ${exactSteps} steps; twice as many move it by ${moves}. DPM-Solver ends at t_end, as in its paper, the others with a step to σ = 0. RK45 finds its own steps, by tolerance. Steps “t, as diffusers” are its “trailing”.`,
    'Uniform in t, the last step is long in λ: from 15 evaluations on 2M takes it in second order (`solver.lowerOrderBelow`), where first would be closer.', '',
    end,
  ].join('\n')
}

/** The README with its results replaced. Throws RangeError where the markers are missing. */
export function withResults(readme: string, document: ResultsDocument): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)]
  if (from < 0 || to < from) throw new RangeError('README.md has no place for the results')
  return readme.slice(0, from) + asMarkdown(document) + readme.slice(to + end.length)
}
