import { assertNever, DpmError, reportOf, type ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'

/** A one-way message, as a value: `rows = message<Rows>('run/rows')`. */
export interface MessageType<P> { readonly name: string; readonly params?: P }
/** A message that is answered. */
export interface RequestType<P, R> { readonly name: string; readonly params?: P; readonly result?: R }
export const message = <P>(name: string): MessageType<P> => ({ name })
export const request = <P, R>(name: string): RequestType<P, R> => ({ name })

/** What goes over the pipe. */
type Packet =
  | { kind: 'message'; name: string; params: unknown }
  | { kind: 'request'; id: number; name: string; params: unknown }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number; error: ErrorReport }

/** A pipe that carries structured clones both ways: a forked process seen from either end, or a pair in memory for tests. */
export interface Transport {
  /** Throws for what cannot be cloned; a pipe that breaks is told by the close alone. */
  send(packet: unknown): void
  onPacket(listener: (packet: unknown) => void): void
  /** Called once, when nothing can be sent or received any more. */
  onClose(listener: (reason: DpmError) => void): void
}

/**
 * Typed requests and messages over a transport. Every request is answered or rejected: by the other side's error, or by the
 * reason the transport closed with. A packet that is not one of ours is reported to `onGarbage` and dropped.
 */
export class Channel {
  private readonly pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: DpmError) => void; name: string }>()
  private readonly handlers = new Map<string, (params: never) => unknown>()
  private nextId = 1
  private closed: DpmError | undefined

  constructor(private readonly transport: Transport, private readonly trace: (line: string) => void = () => {}, private readonly onGarbage: (what: string) => void = () => {}) {
    transport.onPacket((packet) => { this.receive(packet) })
    transport.onClose((reason) => {
      if (this.closed) return
      this.closed = reason
      for (const { reject } of this.pending.values()) reject(reason)
      this.pending.clear()
    })
  }

  /** Handles a request; what the handler throws becomes the caller's rejection. */
  handle<P, R>(type: RequestType<P, R>, handler: (params: P) => R | Promise<R>): void { this.handlers.set(type.name, handler) }
  on<P>(type: MessageType<P>, handler: (params: P) => void): void { this.handlers.set(type.name, handler) }

  /** Sends a message; silently nothing once closed (the close itself is reported to whoever waits). */
  notify<P>(type: MessageType<P>, params: P): void {
    if (this.closed) return
    this.trace(`→ ${type.name}`)
    this.transport.send({ kind: 'message', name: type.name, params } satisfies Packet)
  }

  ask<P, R>(type: RequestType<P, R>, params: P): Promise<R> {
    if (this.closed) return Promise.reject(this.closed)
    const id = this.nextId++
    this.trace(`→ ${type.name} #${id}`)
    return new Promise<R>((resolve, reject) => {
      this.transport.send({ kind: 'request', id, name: type.name, params } satisfies Packet)
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject, name: type.name })
    })
  }

  private receive(raw: unknown): void {
    if (this.closed) return // a process that is gone may have left something in its pipe: what it was about is over, and may have begun anew elsewhere
    const packet = asPacket(raw)
    if (!packet) { this.onGarbage(describe(raw)); return }
    switch (packet.kind) {
      case 'message': this.deliver(packet.name, packet.params); return
      case 'request': void this.answer(packet.id, packet.name, packet.params); return
      case 'result': this.settle(packet.id)?.resolve(packet.result); return
      case 'error': this.settle(packet.id)?.reject(new DpmError(packet.error)); return
      default: assertNever(packet)
    }
  }

  private deliver(name: string, params: unknown): void {
    const handler = this.handlers.get(name)
    if (!handler) { this.onGarbage(`message ${name}`); return }
    this.trace(`← ${name}`)
    try { handler(params as never) } catch (error) { this.onGarbage(`${name}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`) }
  }

  private async answer(id: number, name: string, params: unknown): Promise<void> {
    const handler = this.handlers.get(name)
    let packet: Packet
    try {
      if (!handler) throw new DpmError({ reason: 'engineProtocol', message: t('The request “{0}” is not known to this version.', name), advice: t('Reload the window so that both sides are of one version.') })
      packet = { kind: 'result', id, result: await handler(params as never) }
    } catch (error) {
      packet = { kind: 'error', id, error: reportOf(error) }
    }
    if (this.closed) return
    try { this.transport.send(packet) } catch (error) { this.transport.send({ kind: 'error', id, error: reportOf(error) } satisfies Packet) }
  }

  private settle(id: number): { resolve: (value: unknown) => void; reject: (error: DpmError) => void } | undefined {
    const waiting = this.pending.get(id)
    if (!waiting) { this.onGarbage(`answer #${id} to nothing`); return undefined }
    this.pending.delete(id)
    this.trace(`← ${waiting.name} #${id}`)
    return waiting
  }
}

function asPacket(raw: unknown): Packet | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const packet = raw as Record<string, unknown>
  const hasId = typeof packet['id'] === 'number'
  const hasName = typeof packet['name'] === 'string'
  switch (packet['kind']) {
    case 'message': return hasName ? packet as Packet : undefined
    case 'request': return hasId && hasName ? packet as Packet : undefined
    case 'result': return hasId ? packet as Packet : undefined
    case 'error': return hasId && typeof packet['error'] === 'object' && packet['error'] !== null ? packet as Packet : undefined
    default: return undefined
  }
}

function describe(raw: unknown): string {
  try { return JSON.stringify(raw)?.slice(0, 200) ?? String(raw) } catch { return String(raw) }
}
