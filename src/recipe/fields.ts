/**
 * One name for one thing: where each field of a recipe is found. `setting` is the key under `dpmSolver.` in settings.json, `flag` the
 * option of the command line; null: reached by `--set path=value` only. Ranges, defaults and descriptions are the schema's.
 */
export interface Field { path: string; setting: string | null; flag: string | null }

export const fields = [
  { path: 'version', setting: null, flag: null },
  { path: 'model.path', setting: 'model.path', flag: '--model' },
  { path: 'model.nullClassLabel', setting: 'model.nullClassLabel', flag: '--null-label' },
  { path: 'model.predictionType', setting: 'model.predictionType', flag: null },
  { path: 'conditioning.classLabel', setting: 'classLabel', flag: '--class-label' },
  { path: 'input.task', setting: null, flag: '--task' },
  { path: 'input.image', setting: null, flag: '--image' },
  { path: 'input.mask', setting: null, flag: '--mask' },
  { path: 'input.way', setting: null, flag: '--way' },
  { path: 'solver.algorithm', setting: 'solver.algorithm', flag: '--algorithm' },
  { path: 'solver.order', setting: 'solver.order', flag: '--order' },
  { path: 'solver.method', setting: 'solver.method', flag: '--method' },
  { path: 'solver.steps', setting: 'solver.steps', flag: '--steps' },
  { path: 'solver.orderSplit', setting: 'solver.orderSplit', flag: '--order-split' },
  { path: 'solver.lowerOrderBelow', setting: 'solver.lowerOrderBelow', flag: '--lower-order-below' },
  { path: 'solver.finalSigma', setting: 'solver.finalSigma', flag: '--final-sigma' },
  { path: 'solver.variant', setting: 'solver.variant', flag: '--variant' },
  { path: 'solver.thresholding', setting: 'solver.thresholding', flag: null },
  { path: 'solver.thresholdingRatio', setting: 'solver.thresholdingRatio', flag: null },
  { path: 'solver.thresholdingForm', setting: 'solver.thresholdingForm', flag: null },
  { path: 'solver.thresholdingMax', setting: 'solver.thresholdingMax', flag: null },
  { path: 'solver.options', setting: 'solver.options', flag: null },
  { path: 'schedule.noise', setting: 'schedule.noise', flag: '--schedule' },
  { path: 'schedule.spacing', setting: 'schedule.spacing', flag: '--spacing' },
  { path: 'schedule.tStart', setting: null, flag: '--t-start' },
  { path: 'schedule.tEnd', setting: 'schedule.tEnd', flag: '--t-end' },
  { path: 'schedule.lambdaMin', setting: 'schedule.lambdaMin', flag: null },
  { path: 'schedule.betas', setting: 'schedule.betas', flag: null },
  { path: 'schedule.zeroTerminalSnr', setting: 'schedule.zeroTerminalSnr', flag: null },
  { path: 'schedule.karrasRho', setting: 'schedule.karrasRho', flag: null },
  { path: 'schedule.timesteps', setting: 'schedule.timesteps', flag: null },
  { path: 'schedule.options', setting: 'schedule.options', flag: null },
  { path: 'noise.seed', setting: 'seed.value', flag: '--seed' },
  { path: 'noise.batch', setting: 'batchSize', flag: '--batch' },
  { path: 'noise.generator', setting: 'noiseGenerator', flag: '--generator' },
  { path: 'guidance.scale', setting: 'solver.guidanceScale', flag: '--guidance' },
  { path: 'guidance.rescale', setting: 'solver.guidanceRescale', flag: null },
  { path: 'guidance.interval', setting: 'solver.guidanceInterval', flag: null },
  { path: 'guidance.classifier', setting: null, flag: null },
  { path: 'guidance.classifierScale', setting: null, flag: null },
] as const satisfies readonly Field[]

/** Dotted path of a recipe field. */
export type FieldPath = (typeof fields)[number]['path']
