import type { ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'
import type { Clock } from './clock'

/** How often an engine that exits is started again without being asked for, … */
const mostRestarts = 3
/** … within this time. */
const withinMs = 5 * 60_000

/** The exits of the engine that nobody asked for. */
export class Exits {
  private times: number[] = []

  constructor(private readonly clock: Clock) {}

  add(): void { this.times = [...this.recent(), this.clock.now()] }

  /** The engine is given another chance: what went before does not count. */
  forget(): void { this.times = [] }

  /** How many there were in the last five minutes. */
  get count(): number { return this.recent().length }

  /** True where it is not started again until somebody asks for it. */
  get often(): boolean { return this.count > mostRestarts }

  private recent(): number[] {
    const now = this.clock.now()
    return this.times.filter((at) => now - at < withinMs)
  }
}

/** What is said of an exit after which the engine is not started again: it is the last of `count` in five minutes. */
export function keepsExiting(error: ErrorReport, count: number): ErrorReport {
  return {
    ...error, message: t('{0} It has exited {1} times in five minutes, so it is not started again by itself, and runs that waited are cancelled.', error.message, count),
    advice: t('See in the log what it said last, or try another model or provider; then restart it.'), remedy: { title: t('Restart Engine'), command: 'restartEngine' },
  }
}
