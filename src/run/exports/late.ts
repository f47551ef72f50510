// The entry of dist/exports.js, where what writes files of runs and its libraries are in the packed extension. The host gets it by door.ts only.
export { exportRun } from './exportRun'
export { readImage, thumbnailPng } from '../image'
export { saveImages } from './savedImages'
export { settledRun } from './settled'
