import type { Actions } from './actions'

let watched: Element | null = null
const heights = new ResizeObserver(([entry]) => { if (entry) tell?.(Math.ceil(entry.contentRect.height)) })
let tell: ((height: number) => void) | undefined

/** Has it told how high frames and numbers stand together, whatever the numbers say: plots take what is left. Called after each drawing. */
export function watchStage(act: Actions): void {
  tell = act.stage
  const stage = document.querySelector('.stage')
  if (stage === watched) return
  heights.disconnect()
  watched = stage
  if (stage) heights.observe(stage)
}
