import { isKept } from '../src/protocol/keptRows'
import { settingTitle } from '../src/recipe/settingTitle'
import { isGoing, type RunView } from '../src/protocol/view'
import { t } from '../src/sampler/text'

/** True for a row whose states can be read: of a run that does not keep all, those that it keeps. Those of the newest row may be gone as long as it goes on. */
export function hasStates(run: RunView | null | undefined, row: number): boolean {
  return !run?.document || isKept(run.document, row, isGoing(run) ? -1 : run.rows.length - 1)
}

/** Why there is nothing of such a row. */
export const notKept = (row: number): string => t('The states of step {0} were not kept, as the setting “{1}” says.', row, settingTitle('record.keep'))

/** How many rows can be asked for something of each: of the newest of a run that goes on it may not be known yet whether its states are there. */
export function rowsToAsk(run: RunView | null | undefined): number {
  const rows = run?.rows.length ?? 0
  return rows === 0 || hasStates(run, rows - 1) ? rows : rows - 1
}

/** The first such row from `row` on, this one included, up or down; undefined where there is none. */
export function keptFrom(run: RunView | null | undefined, row: number, by: number): number | undefined {
  for (let at = row; run?.rows[at]; at += by) if (hasStates(run, at)) return at
  return undefined
}

/** The nearest such row; undefined where there is none. */
export function keptNear(run: RunView | null | undefined, row: number): number | undefined {
  const [before, after] = [keptFrom(run, row, -1), keptFrom(run, row, 1)]
  return before === undefined || (after !== undefined && after - row < row - before) ? after : before
}
