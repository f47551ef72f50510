import type { ToPage } from '../protocol/view'
import type { VideoAnswer, VideoOrder, VideoPart } from '../protocol/video'
import type { VideoEncoding } from '../run/exports/exportRun'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

/** A page that does not show up in this time is not waited for any longer, in ms. */
const patienceMs = 60_000

/** The page that encodes. */
export interface VideoPage {
  /** Brings it into view. */
  show(): void
  /** True where it can be told something. */
  ready(): boolean
  /** False where it cannot. */
  post(message: ToPage): boolean
}

interface Waiting { resolve: (parts: VideoPart[]) => void; reject: (error: DpmError) => void }

/** Videos that a page encodes for the host, which has no encoder. The page may be closed or hidden at any time, which ends what it was encoding. */
export class PageVideo {
  private jobs = 0
  private readonly waiting = new Map<number, Waiting>()
  private arrivals: (() => void)[] = []

  constructor(private readonly page: VideoPage) {}

  /** A video of its own; `close` when it is no longer wanted or needed. Its calls throw DpmError (`outputFile`) where the page cannot go on, and once `signal` is aborted. */
  open(signal: AbortSignal): VideoEncoding & { close(): void } {
    const job = ++this.jobs
    let begun = false
    signal.addEventListener('abort', () => { this.settle(job, ({ reject }) => { reject(cancelled()) }) }, { once: true })
    const order = (given: VideoOrder): Promise<VideoPart[]> => new Promise((resolve, reject) => {
      if (signal.aborted) { reject(cancelled()); return }
      this.waiting.set(job, { resolve, reject })
      if (!this.page.post({ type: 'video', job, order: given })) this.settle(job, () => { reject(gone()) })
    })
    return {
      begin: async (width, height) => {
        await this.awake(signal)
        begun = true
        return order({ to: 'begin', width, height })
      },
      add: (rgba, ms) => order({ to: 'add', rgba, ms }),
      end: async () => {
        const parts = await order({ to: 'end' })
        begun = false
        return parts
      },
      close: () => { if (begun) this.page.post({ type: 'video', job, order: { to: 'cancel' } }) },
    }
  }

  /** The page has started. */
  arrived(): void {
    for (const resolve of this.arrivals.splice(0)) resolve()
  }

  /** The page is gone, or starts again. */
  left(): void {
    for (const job of [...this.waiting.keys()]) this.settle(job, ({ reject }) => { reject(gone()) })
  }

  answered(job: number, answer: VideoAnswer): void {
    this.settle(job, ({ resolve, reject }) => { if ('parts' in answer) resolve(answer.parts); else reject(failed(answer)) })
  }

  private settle(job: number, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(job)
    this.waiting.delete(job)
    if (waiting) how(waiting)
  }

  /** Resolves when the page is there to be asked. */
  private async awake(signal: AbortSignal): Promise<void> {
    this.page.show()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => { reject(new DpmError({ reason: 'outputFile', message: t('The page that encodes WebM did not open.'), advice: t('Open the preview and export again, or choose an animated PNG or a GIF.') })) }, patienceMs)
      const arrived = (): void => { clearTimeout(timer); resolve() }
      signal.addEventListener('abort', () => { clearTimeout(timer); reject(cancelled()) }, { once: true })
      if (this.page.ready()) arrived()
      else this.arrivals.push(arrived)
    })
  }
}

const cancelled = (): DpmError => new DpmError({ reason: 'outputFile', message: t('The export was cancelled.'), advice: t('Export again.') })

function gone(): DpmError {
  return new DpmError({ reason: 'outputFile', message: t('The page that was encoding the video was closed or hidden.'), advice: t('Keep it in view until the export is done, or choose an animated PNG or a GIF.') })
}

function failed(answer: Extract<VideoAnswer, { failed: string }>): DpmError {
  if (answer.failed === 'noEncoder') return new DpmError({ reason: 'outputFile', message: t('The browser that shows the preview has no encoder for WebM.'), advice: t('Choose an animated PNG or a GIF.') })
  return new DpmError({ reason: 'outputFile', message: t('The video could not be encoded: {0}.', answer.text.replace(/\.$/, '')), advice: t('Choose an animated PNG or a GIF.') })
}
