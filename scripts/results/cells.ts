import type { Algorithm, PlanRequest } from '../../src/sampler/types'

/** One run of the comparison: a method with its steps, at one guidance scale. */
export interface Cell {
  method: string
  /** `own`: the method finds its steps by itself. */
  spacing: 'logSNR' | 'timeUniform' | 'trailing' | 'own'
  guidance: number
  /** The column it stands in: evaluations asked for; of a method that finds its own steps, about what it takes. */
  nfe: number
  request: PlanRequest
  /** Follows the probability-flow ODE, so that its distance to the exact solution means something. */
  deterministic: boolean
}

/** The talk's numbers of evaluations. */
export const evaluations = [10, 12, 15, 20] as const

/** Without guidance, and with that of the DPM-Solver++ paper, where DPM-Solver of high order breaks. */
export const guidances = [1, 8] as const

interface Row { method: string; request: Partial<PlanRequest> & { algorithm: Algorithm }; deterministic: boolean }

/** The two of the DPM-Solver paper end as they do there: every evaluation leads to t_end, none to σ = 0. */
const rows: readonly Row[] = [
  { method: 'DDPM ancestral', request: { algorithm: 'ddpm' }, deterministic: false },
  { method: 'Euler–Maruyama', request: { algorithm: 'eulerMaruyama' }, deterministic: false },
  { method: 'DDIM', request: { algorithm: 'ddim' }, deterministic: true },
  { method: 'DPM-Solver-2', request: { algorithm: 'dpmsolver', order: 2, method: 'singlestep', finalSigma: 'sigmaMin' }, deterministic: true },
  { method: 'DPM-Solver-3 (fast)', request: { algorithm: 'dpmsolver', order: 3, method: 'singlestep', finalSigma: 'sigmaMin' }, deterministic: true },
  { method: 'DPM-Solver++ 2M', request: { algorithm: 'dpmsolver++', order: 2 }, deterministic: true },
  { method: 'UniPC-2', request: { algorithm: 'unipc', order: 2 }, deterministic: true },
]

/**
 * RK45's tolerances (atol = rtol) by guidance and the column they stand in. It evaluates twice to begin with, six times a step, and once to σ = 0: below fifteen
 * evaluations there is one step over the whole way.
 */
const tolerances: Readonly<Record<typeof guidances[number], readonly (readonly [nfe: number, tolerance: number])[]>> = {
  1: [[10, 0.2], [15, 0.07], [20, 0.05]],
  8: [[15, 0.3], [20, 0.05]],
}

/** Steps of the solution that counts as exact. */
export const exactSteps = 200

const base: PlanRequest = {
  algorithm: 'dpmsolver++', order: 2, method: 'multistep', steps: 20, orderSplit: 'authors', lowerOrderBelow: 15, finalSigma: 'zero', variant: 'midpoint', options: {}, spacing: 'logSNR', tEnd: 'auto',
}

/** The solution of the ODE that the others are held against: the same noise, the same class, very many steps. */
export const exactCell = (guidance: number, steps = exactSteps): Cell => ({ method: 'exact ODE', spacing: 'logSNR', guidance, nfe: steps, request: { ...base, steps }, deterministic: true })

function cellsOf({ method, request, deterministic }: Row, guidance: number, spacing: Exclude<Cell['spacing'], 'own'>, columns: readonly number[] = evaluations): Cell[] {
  return columns.map((nfe) => ({ method, spacing, guidance, nfe, request: { ...base, ...request, spacing, steps: nfe }, deterministic }))
}

const rk45Cells = (guidance: typeof guidances[number]): Cell[] => tolerances[guidance].map(([nfe, tolerance]) => ({
  method: 'RK45', spacing: 'own', guidance, nfe, deterministic: true, request: { ...base, algorithm: 'rk45', method: 'adaptive', options: { atol: tolerance, rtol: tolerance } },
}))

/** Steps as diffusers places them, for those of its schedulers that have been measured on this model (media/models/digits/README.md). */
const peerCells = rows.filter(({ method }) => ['DDIM', 'DPM-Solver++ 2M', 'UniPC-2'].includes(method)).flatMap((row) => cellsOf(row, 1, 'trailing', [10, 20]))

/** All cells, in the order they are computed: what is compared most comes first, and the exact solution before what is held against it. */
export const cells: readonly Cell[] = [
  ...guidances.flatMap((guidance) => [exactCell(guidance), ...rows.flatMap((row) => cellsOf(row, guidance, 'logSNR')), ...rk45Cells(guidance)]),
  ...peerCells,
  ...guidances.flatMap((guidance) => rows.flatMap((row) => cellsOf(row, guidance, 'timeUniform'))),
]

/** Names a cell in progress and errors. */
export const nameOf = ({ method, spacing, guidance, nfe }: Cell): string => `guidance ${guidance}, ${method}, ${spacing}, ${nfe}`
