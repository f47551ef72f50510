import * as http from 'node:http'
import * as https from 'node:https'
import { createGunzip } from 'node:zlib'
import { DpmError } from '../../sampler/errors'
import { t } from '../../sampler/text'

/** A request that brings nothing for so long is given up. */
const silenceMs = 60_000
const mostRedirects = 5
const mostBytes = 16 * 2 ** 20
/** Parts of an answer, of up to 64 KiB each, that wait to be written before the connection is held up. */
const mostWaiting = 64

/**
 * Asks for `url` and resolves when the answer begins, whatever its status; redirects are followed, from https to https only. Through node:http and node:https, because these are where
 * VS Code adds its proxy settings and certificates. Rejects with the error of the connection.
 */
export async function open(url: string, headers: Record<string, string>, signal: AbortSignal, redirects = 0): Promise<http.IncomingMessage> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const request = (url.startsWith('https:') ? https : http).get(url, { headers: { 'User-Agent': 'dpm-solver', 'Connection': 'close', ...headers }, signal }, resolve)
    request.setTimeout(silenceMs, () => { request.destroy(new Error(t('nothing came for {0} s', silenceMs / 1000))) })
    request.once('error', reject)
  })
  const { statusCode = 0, headers: { location } } = response
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return response
  response.destroy()
  const next = new URL(location, url)
  if (redirects >= mostRedirects || (url.startsWith('https:') && next.protocol !== 'https:')) throw failed(t('{0} sends elsewhere, to {1}', new URL(url).host, next.origin))
  return open(next.href, headers, signal, redirects + 1)
}

/**
 * The parts of an answer as they come. Called as soon as the answer is there, it loses nothing of what came before a connection broke, which a stream drops with the rest of its buffer.
 * Throws what broke it, after the last part.
 */
export function partsOf(answer: http.IncomingMessage): AsyncIterable<Buffer> {
  const waiting: Buffer[] = []
  let over = false
  let broke: Error | undefined
  let wake = (): void => {}
  const end = (error?: Error): void => { over = true; broke ??= error; wake() }
  answer.on('data', (part: Buffer) => {
    if (waiting.push(part) >= mostWaiting) answer.pause()
    wake()
  })
  answer.once('end', () => { end() }).once('error', end).once('close', () => { end() })
  return (async function* () {
    for (;;) {
      const part = waiting.shift()
      if (part) {
        if (waiting.length === 0) answer.resume()
        yield part
      } else if (over) {
        if (broke !== undefined) throw broke
        return
      } else await new Promise<void>((resolve) => { wake = resolve })
    }
  })()
}

/** The JSON at `url`. Throws DpmError. */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const { host } = new URL(url)
  try {
    const response = await open(url, { Accept: 'application/json' }, signal)
    if (response.statusCode !== 200) { response.destroy(); throw failed(statusText(host, response.statusCode)) }
    const body = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response
    response.once('error', (error) => { if (body !== response) body.destroy(error) })
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part)
      if ((bytes += part.length) > mostBytes) throw failed(t('{0} answered with more than a package list', host))
    }
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DpmError) throw error
    if (error instanceof SyntaxError) throw failed(t('{0} answered with what is no JSON', host), error)
    throw failed(t('{0} cannot be reached: {1}', host, words(error)), error)
  }
}

export function statusText(host: string, status: number | undefined): string { return t('{0} answered with HTTP {1}', host, String(status)) }

/** What was thrown, in words without a full stop. */
export function words(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  // Where several addresses were tried in vain, Node's error has a code only.
  return (message || (code ?? String(error))).replace(/\.$/, '')
}

/** An installation that did not come to its end, for a reason that may be gone the next time. `what` is a sentence without its full stop. */
export function failed(what: string, cause?: unknown, advice = t('Try again later; behind a proxy, set VS Code’s http.proxy.')): DpmError {
  return new DpmError({
    reason: 'providerUnavailable', message: t('The CUDA Runtime was not installed: {0}.', what), advice, remedy: { title: t('Install CUDA Runtime…'), command: 'installCudaRuntime' },
  }, { cause })
}
