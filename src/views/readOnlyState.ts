import type { Deleted, PreviewChoice, RunView, ViewState } from '../protocol/view'
import type { ErrorReport } from '../sampler/errors'

/**
 * What the page draws of a run that is to be looked at, or of why there is none.
 * @param path of the recording @param window what else the window has: a recipe, where there is none to show, and the machine that samples
 */
export function readOnlyState(path: string, shown: RunView | Deleted | ErrorReport, notice: ErrorReport | null, window: Pick<ViewState, 'recipe' | 'remote'>, { show, keys, method }: PreviewChoice): ViewState {
  const run = 'runId' in shown ? asSeen(shown) : null
  const recipe = run?.document?.recipe ?? window.recipe
  return {
    recording: path, ...'runId' in shown || 'reason' in shown ? {} : { deleted: shown }, recipe, defaults: recipe, models: [],
    model: 'reason' in shown ? { status: 'failed', path: recipe.model.path, error: shown } : { status: 'loading', path: recipe.model.path },
    run, queued: 0, provider: run?.document?.engine.provider ?? 'auto', ...window.remote === undefined ? {} : { remote: window.remote }, preview: { show, keys, method }, trusted: true, notice, hint: null,
  }
}

/** A run that samples while its recipe is being changed is shown as any other: there is nothing before it here. */
function asSeen(run: RunView): RunView {
  const seen = { ...run }
  delete seen.live
  return seen
}
