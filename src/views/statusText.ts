import { progressText } from '../protocol/progress'
import { isGoing, type ViewState } from '../protocol/view'
import { recipes } from '../recipe/door'
import { t } from '../sampler/text'

const statusNames = { loading: t('loading'), running: t('running'), stopping: t('stopping') }

/** What the status bar item says: the solver and its steps, or how far the run is. */
export function statusText({ run, recipe }: ViewState): string {
  if (!isGoing(run)) {
    const { shortSolverName, findsSteps } = recipes()
    return `$(symbol-misc) ${shortSolverName(recipe.solver)}${findsSteps(recipe.solver) ? '' : ` ${recipe.solver.steps}`}`
  }
  return run.status === 'loading' ? `$(loading~spin) ${t('loading')}` : `$(loading~spin) ${progressText(run)}`
}

/** … and what it says to who points at it. `down`: the engine went by itself and no new one was started yet. */
export function statusTooltip({ run, recipe, queued }: ViewState, down: boolean): string {
  if (down) return t('DPM-Solver: the engine exited; the next run starts a new one')
  return waiting(`DPM-Solver: ${isGoing(run) ? statusNames[run.status] : `${recipe.model.path}, ${recipe.solver.algorithm}`}`, queued)
}

/** “…, 2 waiting”: what is said, and how many runs are behind the one that goes; none is not said. */
export const waiting = (said: string, queued: number): string => queued > 0 ? t('{0}, {1} waiting', said, queued) : said
