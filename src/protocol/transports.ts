import type { ChildProcess } from 'node:child_process'
import type { DpmError } from '../sampler/errors'
import type { Transport } from './channel'

/** How a child process ended: its exit code or the signal that ended it, or why it could not be started. */
export interface ChildExit { code: number | null; signal: NodeJS.Signals | null; error?: Error }

/** Wait for the second of `exit` and `disconnect`: messages sent before the end may arrive after `exit`. */
const drainMs = 1000
/** A child that closed its end of the pipe but stays alive serves nobody. */
const lingerMs = 2000

/** The parent's end of the pipe to a child made by `fork(…, { serialization: 'advanced' })`. Closes when the child has exited; `explain` words the reason. */
export function childTransport(child: ChildProcess, explain: (exit: ChildExit) => DpmError): Transport {
  let exit: ChildExit | undefined
  let closed = false
  let announce: (reason: DpmError) => void = () => {}
  const close = (how: ChildExit): void => {
    if (closed) return
    closed = true
    announce(explain(how))
  }
  child.once('exit', (code, signal) => {
    exit = { code, signal }
    if (child.connected) setTimeout(close, drainMs, exit).unref()
    else setImmediate(close, exit)
  })
  child.once('disconnect', () => {
    if (exit) close(exit)
    else setTimeout(() => child.kill('SIGKILL'), lingerMs).unref()
  })
  child.on('error', (error) => {
    if (child.pid === undefined) close({ code: null, signal: null, error })
  })
  return {
    send(packet) {
      // A failed send (the child died a moment ago) is told by the close; without a callback it would be an unhandled 'error' event.
      child.send(packet as object, () => {})
    },
    onPacket(listener) { child.on('message', listener) },
    onClose(listener) { announce = listener },
  }
}

/** The child's end. `explain` words the reason given to requests that wait when the parent goes. */
export function parentTransport(self: NodeJS.Process, explain: () => DpmError): Transport {
  return {
    send(packet) { self.send?.(packet, undefined, undefined, () => {}) },
    onPacket(listener) { self.on('message', listener) },
    onClose(listener) { self.once('disconnect', () => { listener(explain()) }) },
  }
}

/** Two joined ends in one process, for tests: what is sent is cloned and arrives later, as over a pipe. `close` ends both. */
export function memoryPair(): { a: Transport; b: Transport; close(reason: DpmError): void } {
  const ends = [end(), end()] as const
  let open = true
  const transport = (mine: End, other: End): Transport => ({
    send(packet) {
      const copy: unknown = structuredClone(packet)
      if (open) setImmediate(() => { if (open) other.packet(copy) })
    },
    onPacket(listener) { mine.packet = listener },
    onClose(listener) { mine.close = listener },
  })
  return {
    a: transport(ends[0], ends[1]), b: transport(ends[1], ends[0]),
    close(reason) {
      if (!open) return
      open = false
      for (const { close } of ends) close(reason)
    },
  }
}

interface End { packet: (packet: unknown) => void; close: (reason: DpmError) => void }
const end = (): End => ({ packet: () => {}, close: () => {} })
