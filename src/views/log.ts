import * as vscode from 'vscode'
import { logName } from '../manifest'
import type { LogLine } from '../protocol/engine'

/** The output channel “DPM-Solver”. Its level is VS Code's own (Developer: Set Log Level…); steps of a run are logged at debug. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel(logName, { log: true })
}

/** Takes the engine's lines into the log. Messages between host and engine are left out unless `traced`, and then are there at any level. */
export function engineLogger(log: vscode.LogOutputChannel, traced: () => boolean): (line: LogLine) => void {
  return ({ level, text }) => {
    if (!/^[→←] /.test(text)) log[level](text)
    else if (traced()) log.info(text)
  }
}
