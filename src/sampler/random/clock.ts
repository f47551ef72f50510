import type { Clock, Level } from '../types'

/** The Brownian time of a level: e^(2ηλ), which is 0 where nothing of the data is left (λ = −∞), or the schedule's t. */
export const clockTime = ({ t, lambda }: Level, clock: Clock = 1): number => clock === 't' ? t : Math.exp(2 * clock * lambda)
