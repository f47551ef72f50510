import type { Recipe } from './recipe'

export const algorithms: Record<Recipe['solver']['algorithm'], string> = { 'dpmsolver++': 'DPM-Solver++', dpmsolver: 'DPM-Solver' }
const letters: Record<Recipe['solver']['method'], string> = { multistep: 'M', singlestep: 'S', singlestepFixed: 'F' }

/** A solver as people call it: `DPM-Solver++ 2M`, `DPM-Solver 3S`, and with F for singlestep of one order throughout. */
export function solverName({ algorithm, order, method }: Recipe['solver']): string {
  return `${algorithms[algorithm]} ${order}${letters[method]}`
}

/** The same where there is little room: `++2M`, `3S`. */
export function shortSolverName({ algorithm, order, method }: Recipe['solver']): string {
  return `${algorithm === 'dpmsolver++' ? '++' : ''}${order}${letters[method]}`
}
