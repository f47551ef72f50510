/** Groups of the form that can be folded, by what belongs to them: a field, or all below a part of the recipe. */
export const inFold = {
  advanced: [
    'model.predictionType', 'model.nullClassLabel', 'solver.options', 'schedule.options', 'schedule.karrasRho', 'schedule.timesteps', 'schedule.betas', 'schedule.lambdaMin', 'schedule.zeroTerminalSnr', 'schedule.tStart',
  ],
  thresholding: ['solver.thresholding', 'solver.thresholdingForm', 'solver.thresholdingRatio', 'solver.thresholdingMax'],
  guidance: ['guidance.rescale', 'guidance.interval', 'guidance.classifier', 'guidance.classifierScale'],
  image: ['input.task', 'input.image', 'input.mask', 'input.way'],
} as const
export type Fold = keyof typeof inFold
export const folds = Object.keys(inFold) as Fold[]

/** The group that a recipe field is in, or null for one that always shows. */
export function foldOf(field: string): Fold | null {
  return folds.find((fold) => inFold[fold].some((path) => field === path || field.startsWith(`${path}.`))) ?? null
}
