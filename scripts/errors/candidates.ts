import type { PlanRequest } from '../../src/sampler/types'

/** A method with its spacing, by the names they have in a table and as a recipe asks for them. */
export interface Candidate { method: string; spacing: string; request: Omit<PlanRequest, 'steps' | 'tEnd'> }

const usual = { orderSplit: 'authors', finalSigma: 'sigmaMin', variant: 'midpoint', lowerOrderBelow: 0, options: {} } as const

function unipc(order: 2 | 3, form: 'noise' | 'data', lower: boolean, power: number): Candidate {
  return {
    method: `UniPC-${order} (exact weights, ${form}${lower ? '' : ', full order to the end'})`, spacing: `timePower ${power}`,
    request: { ...usual, algorithm: 'unipc', method: 'multistep', order, options: { b: 'vary', form }, lowerOrderBelow: lower ? 1001 : 0, spacing: 'timePower', spacingOptions: { power } },
  }
}

function dpmSolver(name: string, request: Partial<PlanRequest>, power: number): Candidate {
  return { method: name, spacing: `timePower ${power}`, request: { ...usual, algorithm: 'dpmsolver++', method: 'multistep', order: 3, lowerOrderBelow: 15, spacing: 'timePower', spacingOptions: { power }, ...request } }
}

/** What is run at every number of evaluations; the best of them is named. */
export const candidates: readonly Candidate[] = [
  unipc(3, 'noise', true, 1.75), unipc(3, 'noise', true, 1.9), unipc(3, 'noise', false, 1.8), unipc(3, 'noise', false, 1.9), unipc(3, 'noise', false, 2.05),
  unipc(2, 'data', true, 2.25), unipc(3, 'data', true, 2.5), unipc(3, 'data', false, 3),
  {
    method: 'UniPC-3 (bh2, noise)', spacing: 'karras 7',
    request: { ...usual, algorithm: 'unipc', method: 'multistep', order: 3, options: { b: 'bh2', form: 'noise' }, lowerOrderBelow: 1001, spacing: 'karras', spacingOptions: { rho: 7 } },
  },
  dpmSolver('DPM-Solver 3M', { algorithm: 'dpmsolver' }, 2.5), dpmSolver('DPM-Solver++ 3M', {}, 2), dpmSolver('DPM-Solver++ 3S', { method: 'singlestep', variant: 'taylor' }, 2),
]
