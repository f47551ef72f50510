/**
 * Every name that package.json and the code share: what is contributed there is registered, read or set by these constants only.
 * test/unit/host/manifest.test.ts compares both sides.
 */

/** Command ids and the titles they have in the palette (category “DPM-Solver”). */
export const commandTitles = {
  'dpmSolver.generateSample': 'Generate Sample',
  'dpmSolver.generateWithNewSeed': 'Generate Sample with New Seed',
  'dpmSolver.openPreview': 'Open Preview',
  'dpmSolver.stop': 'Stop Sampling',
  'dpmSolver.cancelPending': 'Cancel Pending Runs',
  'dpmSolver.selectModel': 'Select Model…',
  'dpmSolver.noiseImage': 'Noise an Image…',
  'dpmSolver.encodeImage': 'Encode an Image…',
  'dpmSolver.estimateVariance': 'Estimate Variance…',
  'dpmSolver.saveImage': 'Save Image…',
  'dpmSolver.exportTrajectory': 'Export Trajectory…',
  'dpmSolver.useModel': 'Use Model',
  'dpmSolver.inspectModel': 'Inspect Model',
  'dpmSolver.addModelFolder': 'Add Model Folder…',
  'dpmSolver.revealRun': 'Reveal in Preview',
  'dpmSolver.rerun': 'Run Again',
  'dpmSolver.rerunWithNewSeed': 'Run Again with New Seed',
  'dpmSolver.renameRun': 'Rename Run…',
  'dpmSolver.pinRun': 'Pin Run',
  'dpmSolver.unpinRun': 'Unpin Run',
  'dpmSolver.deleteRun': 'Delete Run',
  'dpmSolver.openRunFolder': 'Open Run Folder',
  'dpmSolver.saveDefaults': 'Save as Defaults',
  'dpmSolver.showLog': 'Show Log',
  'dpmSolver.restartEngine': 'Restart Engine',
  'dpmSolver.showEngineInfo': 'Show Engine Info',
  'dpmSolver.selectProvider': 'Select Execution Provider…',
  'dpmSolver.openSettings': 'Open Settings',
  'dpmSolver.setServerToken': 'Set Server Token…',
  'dpmSolver.installCudaRuntime': 'Install CUDA Runtime…',
  'dpmSolver.removeCudaRuntime': 'Remove CUDA Runtime',
} as const
export type CommandId = keyof typeof commandTitles
export const commandIds = Object.keys(commandTitles) as CommandId[]

/** Registered but not contributed: what a click on the status bar item opens. */
export const statusMenuCommand = 'dpmSolver.statusMenu'

/** Settings that are no recipe field, below `dpmSolver.`; those that are one stand in recipe/fields.ts. */
export const hostSettingKeys = [
  'seed.mode',
  'preview.every', 'preview.maxSize', 'preview.remoteMaxSize', 'preview.openOnRun', 'record.folder', 'record.keepRuns', 'record.maxDiskMB',
  'output.folder', 'output.metadata', 'model.searchFolders',
  'engine.provider', 'engine.deviceId', 'engine.providerOptions', 'engine.intraOpThreads', 'engine.server', 'engine.nodePath', 'engine.libraryPath', 'engine.idleMinutes', 'engine.killAfterSeconds', 'log.trace',
] as const
export type HostSettingKey = typeof hostSettingKeys[number]
export const settingsSection = 'dpmSolver'

/** Context keys for when-clauses. */
export const contextKeys = {
  running: 'dpmSolver.running',
  hasRun: 'dpmSolver.hasRun',
  engineState: 'dpmSolver.engineState',
  queueLength: 'dpmSolver.queueLength',
} as const

export const previewViewType = 'dpmSolver.preview'
export const runsViewId = 'dpmSolver.runs'
export const modelsViewId = 'dpmSolver.models'
/** Custom editor of `*.dpmrun` files. */
export const recordingViewType = 'dpmSolver.run'
export const logName = 'DPM-Solver'
export const extensionId = 'dpm-solver.dpm-solver'
