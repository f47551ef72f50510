// The entry of dist/dialogs.js, where commands that are seldom called are in the packed extension. The host gets it by door.ts only.
export { installCudaRuntime, removeCudaRuntime } from './cudaRuntime'
export { showEngineInfo } from './engineInfo'
export { askedFor, estimateVariance } from './estimateVariance'
export { encodeImage, imageRunArguments, noiseImage } from './imageRuns'
export { pickProvider } from './providerPicker'
