import * as vscode from 'vscode'
import { logName } from '../manifest'

/** The output channel “DPM-Solver”. Its level is VS Code's own (Developer: Set Log Level…); steps of a run are logged at debug. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel(logName, { log: true })
}
