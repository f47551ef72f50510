import type { FramePair } from '../protocol/run'

/** Pictures of a going run on their way to a page that is not waited for: one pair at a time, and the next is the newest. */
export class LivePictures {
  /** The page has pictures still to be drawn; the newest that came since, if any did. */
  private drawing: { next: FramePair | undefined } | undefined

  /** @param send false where the page cannot be reached */
  constructor(private readonly send: (frames: FramePair) => boolean) {}

  offer(frames: FramePair): void {
    if (this.drawing) this.drawing.next = frames
    else if (this.send(frames)) this.drawing = { next: undefined }
  }

  /** Those sent last were drawn, or did not arrive. */
  over(): void {
    const next = this.drawing?.next
    this.drawing = undefined
    if (next) this.offer(next)
  }

  /** Whatever was under way did not arrive, and nothing more is to be sent. */
  forget(): void { this.drawing = undefined }
}
