import type { Recipe } from './recipe'
import { schemaAt } from './schema'

type Solver = Recipe['solver']
type Algorithm = Solver['algorithm']

const { enum: values = [], enumNames: names = [] } = schemaAt('solver.algorithm') ?? {}

/** The algorithms by the names people know them by, in the order of the schema, which gives each as “name: description”. */
export const algorithms = Object.fromEntries(values.map((value, i) => [value, names[i] ?? value])) as Record<Algorithm, string>

/** Those of several methods: the others take the one they have. */
export const ofMethods: readonly Algorithm[] = ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver']
/** Those of several orders. */
export const ofOrders: readonly Algorithm[] = [...ofMethods, 'unipc', 'deis', 'lms', 'ipndm']
const letters: Record<Solver['method'], string> = { multistep: 'M', singlestep: 'S', singlestepFixed: 'F', adaptive: ' adaptive' }

/** True for solvers that find their steps by themselves: `steps` is not read. */
export const findsSteps = ({ algorithm, method }: Solver): boolean => algorithm === 'rk45' || method === 'adaptive' && (algorithm === 'dpmsolver' || algorithm === 'dpmsolver++')

/** A solver as people call it: `DPM-Solver++ 2M`, `DPM-Solver 3S`, with F for singlestep of one order throughout; `UniPC 2`, `Heun`. */
export function solverName(solver: Solver): string {
  return `${algorithms[solver.algorithm]} ${suffix(solver)}`.trimEnd()
}

/** The same where there is little room: `++2M`, `3S`. */
export function shortSolverName(solver: Solver): string {
  const short: Partial<Record<Algorithm, string>> = { 'dpmsolver++': '++', 'dpmsolver': '', 'sde-dpmsolver++': 'SDE++', 'sde-dpmsolver': 'SDE ' }
  const name = short[solver.algorithm] ?? `${algorithms[solver.algorithm]} `
  return `${name}${suffix(solver)}`.trimEnd()
}

function suffix({ algorithm, order, method }: Solver): string {
  if (ofMethods.includes(algorithm)) return `${order}${letters[method]}`
  return ofOrders.includes(algorithm) ? String(order) : ''
}
