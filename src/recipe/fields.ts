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
  { path: 'solver.algorithm', setting: 'solver.algorithm', flag: '--algorithm' },
  { path: 'solver.order', setting: 'solver.order', flag: '--order' },
  { path: 'solver.method', setting: 'solver.method', flag: '--method' },
  { path: 'solver.steps', setting: 'solver.steps', flag: '--steps' },
  { path: 'solver.orderSplit', setting: 'solver.orderSplit', flag: '--order-split' },
  { path: 'solver.lowerOrderBelow', setting: 'solver.lowerOrderBelow', flag: '--lower-order-below' },
  { path: 'solver.finalSigma', setting: 'solver.finalSigma', flag: '--final-sigma' },
  { path: 'solver.variant', setting: 'solver.variant', flag: '--variant' },
  { path: 'solver.options', setting: 'solver.options', flag: null },
  { path: 'schedule.noise', setting: 'schedule.noise', flag: '--schedule' },
  { path: 'schedule.spacing', setting: 'schedule.spacing', flag: '--spacing' },
  { path: 'schedule.tEnd', setting: 'schedule.tEnd', flag: '--t-end' },
  { path: 'schedule.lambdaMin', setting: 'schedule.lambdaMin', flag: null },
  { path: 'schedule.betas', setting: 'schedule.betas', flag: null },
  { path: 'noise.seed', setting: 'seed.value', flag: '--seed' },
  { path: 'noise.batch', setting: 'batchSize', flag: '--batch' },
  { path: 'noise.generator', setting: 'noiseGenerator', flag: '--generator' },
  { path: 'guidance.scale', setting: 'solver.guidanceScale', flag: '--guidance' },
] as const satisfies readonly Field[]

/** Dotted path of a recipe field. */
export type FieldPath = (typeof fields)[number]['path']
