// The entry of dist/cuda.js, where the fetching of the CUDA Runtime is in the packed extension. The host gets it by door.ts only.
export { megabytes } from './download'
export { defaultFeed, findPackage, packageName } from './feed'
export { freeBytes, install, remove } from './install'
