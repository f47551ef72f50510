import { progressText } from '../protocol/progress'
import { isGoing, type ViewState } from '../protocol/view'
import { recipes } from '../recipe/door'

/** What the status bar item says: the solver and its steps, or how far the run is. */
export function statusText({ run, recipe }: ViewState): string {
  if (!isGoing(run)) {
    const { shortSolverName, findsSteps } = recipes()
    return `$(symbol-misc) ${shortSolverName(recipe.solver)}${findsSteps(recipe.solver) ? '' : ` ${recipe.solver.steps}`}`
  }
  return run.status === 'loading' ? '$(loading~spin) loading' : `$(loading~spin) ${progressText(run)}`
}

/** … and what it says to who points at it. `down`: the engine went by itself and no new one was started yet. */
export function statusTooltip({ run, recipe, queued }: ViewState, down: boolean): string {
  if (down) return 'DPM-Solver: the engine exited; the next run starts a new one'
  return `DPM-Solver: ${isGoing(run) ? run.status : `${recipe.model.path}, ${recipe.solver.algorithm}`}${waiting(queued)}`
}

/** “, 2 waiting”: runs behind the one that goes; empty where there are none. */
export const waiting = (queued: number): string => queued > 0 ? `, ${queued} waiting` : ''
