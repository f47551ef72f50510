import { isLastRow } from '../protocol/progress'
import type { RowEvent, RunDocument } from '../protocol/run'
import type { Recipe } from '../recipe/recipe'
import type { Plan } from '../sampler/types'

/** What of a run tells it from others, for names of files: the model, the task where it is another than sampling, the solver and its steps as far as the run has them, the seed. */
export function namingParts(model: string, { input: { task }, solver, noise }: Recipe, { adaptive }: Pick<Plan, 'adaptive'>): string[] {
  return [model, ...task === 'sample' ? [] : [task], ...task === 'noise' ? [] : [solver.algorithm], ...adaptive ? [] : [String(solver.steps)], String(noise.seed)]
}

/** File name that is offered for a picture of a run: date, model, task, solver, steps, seed, and the step and kind where it is not the result. */
export function imageName(document: RunDocument, row: Pick<RowEvent, 'row' | 'order' | 'lanes'>, what: 'x' | 'x0'): string {
  const parts = [runName(document)]
  if (!isLastRow(row, document.plan)) parts.push(`step${row.row}`)
  if (what === 'x0') parts.push('estimate')
  return `${parts.join('-')}.png`
}

/** Name without an extension that is offered for a file of a whole run. */
export function runName({ created, model, recipe, plan }: RunDocument): string {
  const date = created.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  return [date, ...namingParts(model.name, recipe, plan)].join('-').replace(/[^\w.+-]+/g, '_')
}
