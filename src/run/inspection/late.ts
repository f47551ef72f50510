// The entry of dist/inspection.js, where what draws and measures the rows of a recording is in the packed extension. The host gets it by door.ts only.
export { readFrames, readThumbnails } from '../frames'
export { answer } from './inspect'
