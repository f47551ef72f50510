import { assertNever } from './errors'
import type { OrderSplit } from './types'

/** What a step takes: its order, what it costs, and how many intervals of the grid it goes. */
export interface Slot { order: number; evaluations: number; intervals: number }

/** A step of one evaluation that goes one interval. */
export const single = (order: number): Slot => ({ order, evaluations: 1, intervals: 1 })

/**
 * How singlestep divides the evaluations: the order of every step, which is also what the step costs. The sum is `evaluations`.
 * Order 3, for 3k / 3k + 1 / 3k + 2 evaluations:
 * `authors` [3]×(k−1) + [2, 1] / [3]×k + [1] / [3]×k + [2] (DPM-Solver, arXiv 2206.00927, appendix D.3, and the authors' code);
 * `greedy` [3]×k / [3]×k + [1] / [3]×k + [2] (the text of §3.4: third order as long as possible).
 * Order 2 is [2]×⌊n/2⌋ (+ [1]) and order 1 [1]×n under both rules.
 */
export function singlestepOrders(evaluations: number, order: 1 | 2 | 3, split: OrderSplit): number[] {
  const whole = Math.floor(evaluations / order)
  const rest = evaluations - whole * order
  const steps = (count: number): number[] => Array<number>(count).fill(order)
  switch (split) {
    case 'authors': return order === 3 && rest === 0 ? [...steps(whole - 1), 2, 1] : [...steps(whole), ...(rest > 0 ? [rest] : [])]
    case 'greedy': return [...steps(whole), ...(rest > 0 ? [rest] : [])]
    default: return assertNever(split)
  }
}

/** Equal steps of the full order, as many as the evaluations allow: ⌊evaluations/order⌋. */
export function fixedOrders(evaluations: number, order: 1 | 2 | 3): number[] {
  return Array<number>(Math.floor(evaluations / order)).fill(order)
}

/**
 * Orders of multistep: it starts with orders 1, 2, … while there is no history, and with `lowerAtEnd` never takes a higher order than there are
 * steps left, this one included (DPM-Solver++, arXiv 2211.01095, appendix B; it steadies runs of few steps).
 */
export function multistepOrders(steps: number, order: number, lowerAtEnd: boolean): number[] {
  return Array.from({ length: steps }, (_, i) => Math.min(order, i + 1, lowerAtEnd ? steps - i : order))
}

/**
 * Multistep of order 3 with a start that keeps the order: one singlestep method across the first intervals (see multistepStart), of order 3, or of order 2
 * where few steps are to end in lower orders too: over long steps the lower order is the steadier one.
 */
export function thirdOrderSlots(steps: number, lowerAtEnd: boolean): Slot[] {
  const start = Math.min(steps, lowerAtEnd ? 2 : 3)
  const rest = Array.from({ length: steps - start }, (_, i) => single(lowerAtEnd ? Math.min(3, steps - start - i) : 3))
  return [{ order: start, evaluations: start, intervals: start }, ...rest]
}
