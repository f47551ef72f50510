import * as http from 'node:http'
import * as https from 'node:https'
import { t } from '../../sampler/text'
import type { Address } from './address'
import { badAnswer, cutShort, noAnswer, tooSlow } from './failures'

export interface Request {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: Buffer
  /** It is given up when nothing came for so long. */
  timeoutMs: number
  /** A longer answer is given up. */
  mostBytes: number
}
export interface Answer { status: number; headers: http.IncomingHttpHeaders; body: Buffer }

/** Connections to one server, kept for the next request. Redirects are not followed: a token goes to the host it was given for only. */
export class Connections {
  private readonly agent: http.Agent

  /**
   * @param most connections at a time
   * @param token sent as a bearer token where there is one
   */
  constructor(private readonly address: Address, private readonly most: number, private readonly token: () => string | undefined) {
    const options = { keepAlive: true, maxSockets: most, scheduling: 'lifo' } as const
    this.agent = this.secure ? new https.Agent(options) : new http.Agent(options)
  }

  /** Resolves with any answer that came whole, whatever its status. Rejects with DpmError. */
  async request(asked: Request): Promise<Answer> {
    // A server may drop a connection that lay idle at the moment that we use it; evaluations can be asked for again. Each kept one may be such.
    for (let stale = 0; ; stale++) {
      try { return await this.once(asked) } catch (error) {
        if (error instanceof Stale && stale < this.most) continue
        throw error instanceof Stale ? noAnswer(this.address, error.cause) : error
      }
    }
  }

  dispose(): void { this.agent.destroy() }

  private get secure(): boolean { return this.address.origin.startsWith('https:') }

  private once({ method, path, headers, body, timeoutMs, mostBytes }: Request): Promise<Answer> {
    const { address, agent } = this
    const token = this.token()
    return new Promise((resolve, reject) => {
      const sent = (this.secure ? https : http).request(new URL(path, address.origin), {
        agent, method,
        headers: {
          'Accept-Encoding': 'identity', ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...(body ? { 'Content-Length': String(body.length) } : {}),
        },
      })
      let answered = false
      const fail = (error: Error): void => {
        clearTimeout(silence)
        sent.destroy()
        reject(error)
      }
      const silence = setTimeout(() => { fail(tooSlow(address, timeoutMs)) }, timeoutMs)
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (answered) return
        fail(sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE') ? new Stale(error) : noAnswer(address, error))
      })
      sent.on('response', (response) => {
        answered = true
        silence.refresh()
        const parts: Buffer[] = []
        let bytes = 0
        response.on('data', (part: Buffer) => {
          silence.refresh()
          parts.push(part)
          bytes += part.length
          if (bytes > mostBytes) fail(badAnswer(address, t('answers with more than {0} bytes, more than there can be', mostBytes)))
        })
        response.on('error', () => { fail(cutShort(address, bytes)) })
        response.on('end', () => {
          if (!response.complete) return fail(cutShort(address, bytes))
          clearTimeout(silence)
          const coding = response.headers['content-encoding']
          if (coding !== undefined && coding !== 'identity') return fail(badAnswer(address, t('compresses its answers ({0}), which it was asked not to', coding)))
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts, bytes) })
        })
      })
      sent.end(body)
    })
  }
}

/** A kept connection that was gone before anything came. */
class Stale extends Error {
  constructor(override readonly cause: NodeJS.ErrnoException) { super('stale') }
}

