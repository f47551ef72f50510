import { isDerived, type Question } from '../src/protocol/inspect'
import { isPlane } from '../src/render/pixels'
import { same } from './form'
import { imageQuestion } from './imageStatistics'
import { hasStates } from './keptRows'
import { previewsOff, shownRow, shownTensors, type PageState } from './state'

/** What is to be asked of the recording so that all that is on show can be drawn: at most one question of a kind, and none whose answer is here. */
export function questions(state: PageState): Question[] {
  const shape = state.view?.run?.document?.shape
  if (!shape || state.tab !== 'sample') return []
  const row = shownRow(state)
  const wanted: Question[] = row < 0 || isPlane(shape) || !hasStates(state.view?.run, row) ? [] : frameQuestions(state, row)
  const open = wanted.filter((question) => !same(state.answers[question.of]?.question, question))
  const ofImage = imageQuestion(state)
  return ofImage && !open.some(({ of }) => of === 'region') ? [...open, ofImage] : open
}

/** For the frames of a row, and what the probe and the rectangle say of it. */
function frameQuestions(state: PageState, row: number): Question[] {
  const kept = state.derived.get(row)
  const missing = previewsOff(state) ? [] : shownTensors(state, false).filter(isDerived).filter((tensor) => !kept?.asked.includes(tensor))
  const place = state.look.cursor ?? state.pinned
  const { region } = state.look
  return [
    ...(missing.length > 0 ? [{ of: 'pictures', row, tensors: missing } as const] : []), ...(place ? [{ of: 'pixel', row, place } as const] : []), ...(region ? [{ of: 'region', row, region } as const] : []),
  ]
}
