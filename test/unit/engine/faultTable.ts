import type { RunOutcome } from '../../../src/protocol/run'
import type { ErrorReport } from '../../../src/sampler/errors'
import type { FaultWindow, WindowOptions } from './faultWindow'

/** What became of a fault. */
export interface Happened {
  /** What the user reads; null: no error is told. */
  error: ErrorReport | null
  /** What is read instead, as the page or the status bar words it, and the button beside it. */
  says?: { text: string; button?: string }
  /** The recording, where there is one, and how it says it ended. */
  recording?: { folder: string; outcome: RunOutcome | 'interrupted'; /** How many rows are left of it; absent: all that the host was told of. */ rows?: number }
}

/** One row of docs/faults.md, and the check of it. */
export interface Fault {
  /** What goes wrong. */
  fault: string
  /** The sentence that is read. What varies stands in braces: {n} for a number, other words for any text. */
  reads: string
  /** What the user is advised to do, as the same kind of sentence. */
  advice: string
  /** The button beside it. */
  button: string
  /** What is kept, for people; `recorded` is its check. */
  kept: string
  /** `nothing`: no recording is there. `rows`: every row that the host was told of can be read, and one at least. */
  recorded: 'nothing' | 'rows'
  /** True where the engine's process is gone by then. */
  ends: boolean
  /** True where no error is told: the state of the run, of the engine or the log says it (Happened.says). */
  silent?: true
  window?: () => WindowOptions
  happens(window: FaultWindow): Promise<Happened>
  /** What has to be done before the next run can work. */
  mend?(window: FaultWindow): void | Promise<void>
}

export interface FaultGroup { title: string; about: string; faults: Fault[] }

/** A sentence with {words} in it as a pattern. */
export function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/(\{[^}]+\})/).map((part) => part === '{n}' ? '-?[\\d.]+' : part.startsWith('{') ? '.+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('')}$`)
}

/** The page that lists all faults, Markdown. */
export function faultsPage(groups: readonly FaultGroup[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\{([^}]+)\}/g, '*$1*')
  const table = ({ title, about, faults }: FaultGroup): string => [
    `## ${title}`, '', ...(about ? [about, ''] : []), '| what goes wrong | what you read | what is kept |', '|---|---|---|',
    ...faults.map(({ fault, reads, advice, button, kept }) => `| ${cell(fault)} | ${[cell(reads), cell(advice), button && `**${button}**`].filter(Boolean).join(' ')} | ${cell(kept)} |`), '',
  ].join('\n')
  return [
    '# Faults', '',
    'What can go wrong, what you read then, and what is kept. Each row is a test against a real engine process, which checks besides that no process is left behind and that the next run works.',
    'The table is written from the tests’ own (`npm run faults`). *n* stands for a number, other words in italics for what they say; **bold** is the button.', '',
    ...groups.map(table),
  ].join('\n')
}
