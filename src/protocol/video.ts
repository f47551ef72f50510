/** A part of a file that is not written from its beginning to its end. */
export interface VideoPart { position: number; data: Uint8Array }

/** What the host tells the page that encodes a WebM file for it: each but `cancel` is answered before the next is given. Sizes are even, and one for all pictures. */
export type VideoOrder =
  | { to: 'begin'; width: number; height: number }
  /** A picture, RGBA without alpha, and for how long it is shown. */
  | { to: 'add'; rgba: Uint8Array; ms: number }
  | { to: 'end' }
  | { to: 'cancel' }

/** What became ready of the file with an order; after `end` that is all. */
export type VideoAnswer =
  | { parts: VideoPart[] }
  /** `noEncoder`: the browser has none for WebM. */
  | { failed: 'noEncoder' }
  | { failed: 'encoder'; text: string }
