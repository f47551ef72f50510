import { isLastRow } from '../protocol/progress'
import type { RowEvent, RunDocument } from '../protocol/run'

/** File name that is offered for a picture of a run: date, model, solver, steps, seed, and the step and kind where it is not the result. */
export function imageName({ created, model, recipe, plan }: RunDocument, row: Pick<RowEvent, 'row' | 'order' | 'lanes'>, what: 'x' | 'x0'): string {
  const date = created.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const parts = [date, model.name, recipe.solver.algorithm, recipe.solver.steps, recipe.noise.seed]
  if (!isLastRow(row, plan)) parts.push(`step${row.row}`)
  if (what === 'x0') parts.push('estimate')
  return `${parts.join('-').replace(/[^\w.+-]+/g, '_')}.png`
}
