import type { LogLine } from '../protocol/engine'

let listener: (line: LogLine) => void = () => {}

/** Where the lines of log() go from now on. */
export function logTo(hears: (line: LogLine) => void): void { listener = hears }

/** Says something to whoever reads the engine's log. */
export function log(level: LogLine['level'], text: string): void { listener({ level, text }) }
