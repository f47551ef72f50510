import type { Answer, Question, RegionStatistics } from '../src/protocol/inspect'
import { isGoing } from '../src/protocol/view'
import { same } from './form'
import { hasStates } from './keptRows'
import { keepNewest } from './pictures'
import { itemAlone, shapeOf, shownRow, type PageState } from './state'

/** Least, most, mean and spread of all values of one image, in the units of the data. */
type Spread = RegionStatistics
/** What the host said of whole images, a channel each, by item and row; null where a row could not be read. */
export type ImageStatistics = ReadonlyMap<string, Extract<Answer, { of: 'region' }>['values'] | null>

/** Those that are kept: those that came last. */
const most = 400

/** What is known of an item at a row is kept by. */
export const keyOf = (item: number, row: number): string => `${item}/${row}`

/** All of an image, as a rectangle. */
function whole(state: PageState, item: number): Extract<Question, { of: 'region' }>['region'] {
  const [, , bottom, right] = shapeOf(state)
  return { item, top: 0, left: 0, bottom, right }
}

/** The image that is shown alone, as what is to be asked of it at the row on show; nothing while a run goes on, which no question may slow. */
export function imageQuestion(state: PageState): Extract<Question, { of: 'region' }> | null {
  const item = itemAlone(state)
  const row = shownRow(state)
  const run = state.view?.run
  if (item === null || row < 0 || isGoing(run ?? null) || !hasStates(run, row) || state.plotted?.images.has(keyOf(item, row))) return null
  return { of: 'region', row, region: whole(state, item) }
}

/** The statistics with one more answer; null where it was asked for something else. */
export function withImage(state: PageState, before: ImageStatistics, question: Question, answer: Answer | null): ImageStatistics | null {
  if (question.of !== 'region' || !same(question.region, whole(state, question.region.item))) return null
  const images = new Map(before)
  images.set(keyOf(question.region.item, question.row), answer?.of === 'region' ? answer.values : null)
  keepNewest(images, most)
  return images
}

/** True for a question about an image as a whole, and not about the rectangle that the user drew. */
export const isOfImage = (state: PageState, question: Question): boolean => question.of === 'region' && !same(question.region, state.look.region) && same(question.region, whole(state, question.region.item))

/** Of the image that is shown alone, at the row on show; `coming` until it is known, null where it will not be, or all images are shown. */
export function imageSpread(state: PageState, what: 'x' | 'x0'): Spread | 'coming' | null {
  const item = itemAlone(state)
  if (item === null) return null
  if (imageQuestion(state)) return 'coming'
  const channels = state.plotted?.images.get(keyOf(item, shownRow(state)))?.[what]
  return channels ? joined(channels) : null
}

/** Of all channels together, which have as many values each. */
function joined(channels: readonly RegionStatistics[]): Spread {
  const average = (of: (channel: RegionStatistics) => number): number => channels.reduce((sum, channel) => sum + of(channel), 0) / channels.length
  const mean = average((channel) => channel.mean)
  return { mean, std: Math.sqrt(average((channel) => channel.std ** 2 + (channel.mean - mean) ** 2)), min: Math.min(...channels.map(({ min }) => min)), max: Math.max(...channels.map(({ max }) => max)) }
}
