import { SingleBar } from 'cli-progress'
import { percent, progressOf } from '../protocol/progress'
import type { RowEvent, RunDocument } from '../protocol/run'
import { lambdaInWords } from './words'

/** Shows how far a run is. Writes to stderr only. */
export interface Progress {
  /** Loading the model takes more than a moment. A log is not told: whether it is depends on the machine. */
  loading(model: string): void
  begin(document: Pick<RunDocument, 'plan'>): void
  row(row: RowEvent): void
  /** Clears what moves; what is written after it starts on a line of its own. */
  end(): void
}

/** Nothing is shown. */
export const silentProgress: Progress = { loading: () => {}, begin: () => {}, row: () => {}, end: () => {} }

/** A bar where `stream` is a terminal, else a line at each quarter, so that a log stays short. */
export function progressOn(stream: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }): Progress {
  return stream.isTTY ? bar(stream as NodeJS.WriteStream) : lines(stream)
}

/** What a row has reached: a share of the way, and in words how many evaluations of how many, where that is known and there are any. */
function reached(row: RowEvent, { plan }: Pick<RunDocument, 'plan'>): { share: number; words: string } {
  const { share, steps } = progressOf({ rows: [row], document: { plan } })
  if (steps === null) return { share, words: `${percent(share)} of the way, ${row.evaluations} evaluations` }
  if (plan.evaluations === 0) return { share, words: `${row.row}/${steps} steps` }
  return { share: row.evaluations / plan.evaluations, words: `${row.evaluations}/${plan.evaluations} evaluations` }
}

function bar(stream: NodeJS.WriteStream): Progress {
  const shown = new SingleBar({
    stream, format: '{bar} {words}  λ {lambda}  σ {sigma}  {ms} ms  {eta_formatted} left', barsize: 24, hideCursor: true, clearOnComplete: true, fps: 20,
    barCompleteChar: '█', barIncompleteChar: '░', gracefulExit: false,
  })
  let run: Pick<RunDocument, 'plan'> | undefined
  return {
    loading: (model) => { stream.write(`Loading ${model} …\n`) },
    begin: (document) => { shown.start(1, 0, { words: '', lambda: '–', sigma: '–', ms: '–' }); run = document },
    row(row) {
      if (!run) return
      const { share, words } = reached(row, run)
      shown.update(share, { words, lambda: lambdaInWords(row.level.lambda, 2), sigma: row.level.sigma.toFixed(3), ms: row.ms.toFixed(0) })
    },
    end: () => { if (run) shown.stop() },
  }
}

function lines(stream: Pick<NodeJS.WriteStream, 'write'>): Progress {
  let run: Pick<RunDocument, 'plan'> | undefined
  let quarter = 0
  return {
    loading: () => {},
    begin: (document) => { run = document },
    row(row) {
      if (!run) return
      const { share, words } = reached(row, run)
      // A share that rounding leaves below its quarter is that quarter.
      const now = Math.floor(4 * share + 1e-9)
      if (now <= quarter) return
      quarter = now
      stream.write(`${words}, λ ${lambdaInWords(row.level.lambda, 2)}\n`)
    },
    end: () => {},
  }
}
