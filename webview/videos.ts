import type { FromPage, ToPage } from '../src/protocol/view'
import { t } from '../src/sampler/text'
import type { WebmEncoding } from './webm'

/** Carries out the host's orders to encode videos. What encodes them is a file of its own, fetched with the first order. */
export function createVideos(post: (message: FromPage) => void): (message: Extract<ToPage, { type: 'video' }>) => Promise<void> {
  const jobs = new Map<number, Promise<WebmEncoding>>()
  return async ({ job, order }) => {
    if (order.to === 'begin') jobs.set(job, import('./webm').then(({ WebmEncoding }) => new WebmEncoding()))
    const coming = jobs.get(job)
    if (order.to === 'end' || order.to === 'cancel') jobs.delete(job)
    try {
      const encoding = await coming
      if (order.to === 'cancel') encoding?.close()
      else post({ type: 'video', job, answer: encoding ? await encoding.obey(order) : { failed: 'encoder', text: t('this video was not begun here') } })
    } catch (error) {
      post({ type: 'video', job, answer: { failed: 'encoder', text: error instanceof Error ? error.message : String(error) } })
    }
  }
}
