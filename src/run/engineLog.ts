import type { LogLine } from '../protocol/engine'
import type { Log } from './runner'

/** Takes the engine's lines into the log. Messages between host and engine are left out unless `traced`, and then are there at any level. */
export function engineLogger(log: Log, traced: () => boolean): (line: LogLine) => void {
  return ({ level, text }) => {
    if (!/^[→←] /.test(text)) log[level](text)
    else if (traced()) log.info(text)
  }
}
