/**
 * Every name that package.json and the code share: what is contributed there is registered, read or set by these constants only.
 * test/unit/host/manifest.test.ts compares both sides.
 */
import { t } from './sampler/text'

/** Command ids and the titles they have in the palette (category “DPM-Solver”). */
export const commandTitles = {
  'dpmSolver.generateSample': t('Generate Sample'),
  'dpmSolver.generateWithNewSeed': t('Generate Sample with New Seed'),
  'dpmSolver.openPreview': t('Open Preview'),
  'dpmSolver.previewPlan': t('Preview Plan'),
  'dpmSolver.stop': t('Stop Sampling'),
  'dpmSolver.stopAfterRun': t('Stop After This Run'),
  'dpmSolver.cancelPending': t('Cancel Pending Runs'),
  'dpmSolver.resumeRun': t('Resume from Last Step'),
  'dpmSolver.discardRun': t('Discard Current Run'),
  'dpmSolver.selectModel': t('Select Model…'),
  'dpmSolver.noiseImage': t('Noise an Image…'),
  'dpmSolver.encodeImage': t('Encode an Image…'),
  'dpmSolver.estimateVariance': t('Estimate Variance…'),
  'dpmSolver.saveImage': t('Save Image…'),
  'dpmSolver.exportTrajectory': t('Export Trajectory…'),
  'dpmSolver.useModel': t('Use Model'),
  'dpmSolver.inspectModel': t('Inspect Model'),
  'dpmSolver.addModelFolder': t('Add Model Folder…'),
  'dpmSolver.revealRun': t('Reveal in Preview'),
  'dpmSolver.openRunPanel': t('Open Run in Its Own Panel'),
  'dpmSolver.rerun': t('Run Again'),
  'dpmSolver.rerunWithNewSeed': t('Run Again with New Seed'),
  'dpmSolver.useRecipe': t('Use This Recipe'),
  'dpmSolver.renameRun': t('Rename Run…'),
  'dpmSolver.pinRun': t('Pin Run'),
  'dpmSolver.unpinRun': t('Unpin Run'),
  'dpmSolver.deleteRun': t('Delete Run'),
  'dpmSolver.openRunFolder': t('Open Run Folder'),
  'dpmSolver.saveDefaults': t('Save as Defaults'),
  'dpmSolver.showLog': t('Show Log'),
  'dpmSolver.restartEngine': t('Restart Engine'),
  'dpmSolver.showEngineInfo': t('Show Engine Info'),
  'dpmSolver.selectProvider': t('Select Execution Provider…'),
  'dpmSolver.openSettings': t('Open Settings'),
  'dpmSolver.setServerToken': t('Set Server Token…'),
  'dpmSolver.installCudaRuntime': t('Install CUDA Runtime…'),
  'dpmSolver.removeCudaRuntime': t('Remove CUDA Runtime'),
}
export type CommandId = keyof typeof commandTitles
export const commandIds = Object.keys(commandTitles) as CommandId[]

/** Registered but not contributed: what a click on the status bar item opens. */
export const statusMenuCommand = 'dpmSolver.statusMenu'

/** Settings that are no recipe field, below `dpmSolver.`; those that are one stand in recipe/fields.ts. */
export const hostSettingKeys = [
  'seed.mode',
  'preview.every', 'preview.method', 'preview.maxSize', 'preview.remoteMaxSize', 'preview.show', 'preview.keys', 'preview.openOnRun', 'record.keep', 'record.every', 'record.folder', 'record.keepRuns', 'record.maxDiskMB',
  'output.folder', 'output.fileName', 'output.autoSave', 'output.metadata', 'model.searchFolders',
  'engine.provider', 'engine.deviceId', 'engine.providerOptions', 'engine.intraOpThreads', 'engine.server', 'engine.nodePath', 'engine.libraryPath', 'engine.idleMinutes', 'engine.killAfterSeconds', 'log.trace',
] as const
export type HostSettingKey = typeof hostSettingKeys[number]
export const settingsSection = 'dpmSolver'

/** Context keys for when-clauses. */
export const contextKeys = {
  running: 'dpmSolver.running',
  hasModel: 'dpmSolver.hasModel',
  hasRun: 'dpmSolver.hasRun',
  stopped: 'dpmSolver.stopped',
  resumable: 'dpmSolver.resumable',
  engineState: 'dpmSolver.engineState',
  queueLength: 'dpmSolver.queueLength',
} as const

export const previewViewType = 'dpmSolver.preview'
/** Panels of one run each. */
export const runPanelViewType = 'dpmSolver.runPanel'
export const runsViewId = 'dpmSolver.runs'
export const modelsViewId = 'dpmSolver.models'
/** Custom editor of `*.dpmrun` files. */
export const recordingViewType = 'dpmSolver.run'
export const logName = 'DPM-Solver'
export const extensionId = 'dpm-solver.dpm-solver'
