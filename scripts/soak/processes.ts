import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Calls `found` with every process that this one starts, before it runs, until what is returned is called. */
export function watchProcesses(found: (child: ChildProcess) => void): () => void {
  const listen = (message: unknown): void => { found((message as { process: ChildProcess }).process) }
  subscribe('child_process', listen)
  return () => { unsubscribe('child_process', listen) }
}
