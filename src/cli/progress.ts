import { SingleBar } from 'cli-progress'
import type { RowEvent } from '../protocol/run'
import { lambdaInWords } from './words'

/** Shows how far a run is. Writes to stderr only. */
export interface Progress {
  /** Loading the model takes more than a moment. A log is not told: whether it is depends on the machine. */
  loading(model: string): void
  begin(evaluations: number): void
  row(row: RowEvent): void
  /** Clears what moves; what is written after it starts on a line of its own. */
  end(): void
}

/** Nothing is shown. */
export const silentProgress: Progress = { loading: () => {}, begin: () => {}, row: () => {}, end: () => {} }

/** A bar where `stream` is a terminal, else a line at each quarter, so that a log stays short. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? bar(stream) : lines(stream)
}

function bar(stream: NodeJS.WriteStream): Progress {
  const shown = new SingleBar({
    stream, format: '{bar} {value}/{total} evaluations  λ {lambda}  σ {sigma}  {ms} ms  {eta_formatted} left', barsize: 24, hideCursor: true, clearOnComplete: true, fps: 20,
    barCompleteChar: '█', barIncompleteChar: '░', gracefulExit: false,
  })
  let begun = false
  return {
    loading: (model) => { stream.write(`Loading ${model} …\n`) },
    begin: (evaluations) => { shown.start(evaluations, 0, { lambda: '–', sigma: '–', ms: '–' }); begun = true },
    row: ({ evaluations, level, ms }) => { shown.update(evaluations, { lambda: lambdaInWords(level.lambda, 2), sigma: level.sigma.toFixed(3), ms: ms.toFixed(0) }) },
    end: () => { if (begun) shown.stop() },
  }
}

function lines(stream: NodeJS.WriteStream): Progress {
  let total = 0
  let quarter = 0
  return {
    loading: () => {},
    begin: (evaluations) => { total = evaluations },
    row: ({ evaluations, level }) => {
      if (evaluations * 4 < (quarter + 1) * total) return
      quarter = Math.floor(evaluations * 4 / total)
      stream.write(`${evaluations}/${total} evaluations, λ ${lambdaInWords(level.lambda, 2)}\n`)
    },
    end: () => {},
  }
}
