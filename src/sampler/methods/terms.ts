import type { Clock, Level, MethodOptions, Term } from '../types'

export const ofState = (coefficient: number): Term => ({ of: 'state', coefficient })
export const ofStage = (k: number, coefficient: number): Term => ({ of: { stage: k }, coefficient })
export const ofPast = (j: number, coefficient: number): Term => ({ of: { past: j }, coefficient })

/** Noise of the way between two levels; nothing where its weight is 0, as at σ = 0. */
export function ofPath(from: Level, to: Level, coefficient: number, clock: Clock = 1): Term[] {
  return coefficient === 0 ? [] : [{ of: clock === 1 ? { brownian: [from, to] } : { brownian: [from, to], clock }, coefficient }]
}

export function numberOf(options: MethodOptions, name: string): number | undefined {
  const value = options[name]
  return typeof value === 'number' ? value : undefined
}
