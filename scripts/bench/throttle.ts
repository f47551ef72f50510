import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What passes at a time, in bytes: small beside a picture, so that one is not there all at once. */
const sliceBytes = 2 ** 14

/** A door to a server on this machine through which only so many bytes a second go, each way, all connections together. */
export class Throttle {
  bytesPerSecond = Infinity
  private readonly sockets = new Set<Socket>()
  private server: Server | undefined

  /** Opens it to a port of this machine; resolves to its own. */
  listen(port: number): Promise<number> {
    const passUp = this.lane()
    const passDown = this.lane()
    this.server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const [from, to, pass] of [[near, far, passUp], [far, near, passDown]] as const) {
        this.sockets.add(from)
        from.setNoDelay(true)
        from.on('error', () => { to.destroy() }).on('close', () => { this.sockets.delete(from); to.destroy() })
        void pump(from, to, pass)
      }
    })
    return new Promise((resolve) => { this.server!.listen(0, '127.0.0.1', () => { resolve((this.server!.address() as AddressInfo).port) }) })
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server?.close()
  }

  /** One direction: resolves when so many bytes may pass, in the order of asking. */
  private lane(): (bytes: number) => Promise<void> {
    let free = 0
    return async (bytes) => {
      if (!Number.isFinite(this.bytesPerSecond)) return
      const now = performance.now()
      const begin = Math.max(now, free)
      free = begin + 1000 * bytes / this.bytesPerSecond
      if (free > now) await new Promise((resolve) => { setTimeout(resolve, free - now) })
    }
  }
}

async function pump(from: Socket, to: Socket, pass: (bytes: number) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        const slice = chunk.subarray(at, at + sliceBytes)
        await pass(slice.length)
        if (!to.write(slice)) await new Promise<void>((resolve) => { to.once('drain', resolve).once('close', resolve) })
      }
    }
    to.end()
  } catch { to.destroy() } // one side is gone
}
