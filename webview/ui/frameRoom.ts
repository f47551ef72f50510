/** Room that the other parts of the Sample panel take, in CSS pixels. */
const probeWidth = 156
const gap = 16
const captionHeight = 26
const toolsHeight = 34
const legendHeight = 22
/** What is said of the run, the timeline, the gaps, and what stands above and below the curves of a plot. */
const around = 210
/** Height of a plot's curves. */
const [leastPlot, mostPlot] = [84, 160]
/** Frames are not made smaller than this for the sake of whole plots; then the plots begin at the lower edge, and the panel scrolls. */
const [leastFrame, topOfPlots] = [256, 250]
/** Below this width of the main area the numbers go under the frames. */
export const narrowBelow = 700
/** Below this one frame goes under the other. */
const stackedBelow = 330
const leastWidth = 112

/** How many frames stand side by side so that they are as large as they can be, and the room that each has, in CSS pixels. @param aspect of a picture: its width by its height. @param legends there are some under them */
export function frameRoom({ width, height }: { width: number; height: number }, count: number, aspect: number, legends: boolean): { columns: number; room: { width: number; height: number } } {
  const narrow = width < narrowBelow
  const across = width - (narrow ? 0 : probeWidth + gap)
  const texts = textsHeight(legends)
  const others = toolsHeight + texts
  const down = Math.max(160, height - around - leastPlot - others, Math.min(leastFrame, height - topOfPlots - others))
  const roomOf = (columns: number): { width: number; height: number } => {
    const rows = narrow ? 1 : Math.ceil(count / columns) // a narrow page scrolls
    return { width: Math.max(48, (across - (columns - 1) * gap) / columns), height: Math.max(96, (down - (rows - 1) * (texts + gap)) / rows) }
  }
  if (narrow) {
    const columns = Math.min(count, width < stackedBelow ? 1 : 2)
    return { columns, room: roomOf(columns) }
  }
  const shown = (columns: number): number => { const room = roomOf(columns); return Math.min(room.width, room.height * aspect) }
  let columns = count
  for (let fewer = count - 1; fewer > 0; fewer--) if (roomOf(columns).width < leastWidth || shown(fewer) > shown(columns)) columns = fewer
  return { columns, room: roomOf(columns) }
}

const textsHeight = (legends: boolean): number => captionHeight + (legends ? legendHeight : 0)

/** Height that is left for the curves of a plot under `rows` of frames of this height, in CSS pixels. @param stage height of frames and numbers as they stand: these may be the higher ones; 0 where it is not known. @param more lines of values below the curves beyond the first, in CSS pixels: curves are lower for them than they else are made */
export function plotRoom({ width, height }: { width: number; height: number }, rows: number, frameHeight: number, legends: boolean, stage: number, more: number): number {
  if (width < narrowBelow) return 120
  const frames = toolsHeight + rows * (frameHeight + textsHeight(legends)) + (rows - 1) * gap
  return Math.round(Math.max(leastPlot - more, Math.min(mostPlot, height - around - more - Math.max(stage, frames))))
}
