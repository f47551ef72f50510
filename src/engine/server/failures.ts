import { DpmError, type Remedy } from '../../sampler/errors'
import { t } from '../../sampler/text'
import { plainWords } from '../modelError'
import type { Address } from './address'

const openSettings: Remedy = { title: t('Open Settings'), command: 'openSettings' }
const runAgain: Remedy = { title: t('Run Again'), command: 'runAgain' }
export const setToken: Remedy = { title: t('Set Server Token…'), command: 'setServerToken' }

/** A server that could not be used. */
export function refused(message: string, advice: string, remedy: Remedy = openSettings, cause?: unknown): DpmError {
  return new DpmError({ reason: 'serverFailed', message, advice, remedy }, { cause })
}

/** An answer that is none: what it lacks, such as `gave 3 values where 4 were due`. */
export function badAnswer({ origin }: Pick<Address, 'origin'>, what: string, cause?: unknown): DpmError {
  return refused(t('The server {0} {1}.', origin, what), t('Check that it speaks the Open Inference Protocol v2 and serves this model.'), openSettings, cause)
}

const unknownAuthority = t('its certificate comes from an authority that is not known here')
const certificates: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: t('it signed its certificate itself'), SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority, UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_HAS_EXPIRED: t('its certificate has expired'), CERT_NOT_YET_VALID: t('its certificate is not valid yet'), ERR_TLS_CERT_ALTNAME_INVALID: t('its certificate is for another host'),
}
const unreachable: Record<string, string> = {
  ECONNREFUSED: t('nothing listens there'), ENOTFOUND: t('there is no such host'), EAI_AGAIN: t('its name could not be looked up'),
  EHOSTUNREACH: t('there is no way to that host'), ENETUNREACH: t('there is no way to that network'),
  ETIMEDOUT: t('it does not take connections'),
}

/** A request that got no answer, in Node's codes. */
export function noAnswer({ origin }: Address, error: NodeJS.ErrnoException): DpmError {
  const code = error.code ?? ''
  if (code in certificates) {
    return refused(t('The server {0} is not trusted: {1}.', origin, certificates[code]!), t('Put the authority’s certificate into a file, name it in NODE_EXTRA_CA_CERTS, and start again.'), openSettings, error)
  }
  if (code in unreachable) return refused(t('The server {0} cannot be reached: {1}.', origin, unreachable[code]!), t('Start it, or correct its address.'), openSettings, error)
  if (code === 'ECONNRESET' || code === 'EPIPE') return refused(t('The server {0} closed the connection before it answered.', origin), t('Look whether it is still running, then run again.'), runAgain, error)
  if (code.startsWith('HPE_') || code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    const scheme = origin.startsWith('https') ? 'HTTPS' : 'HTTP'
    return refused(t('What listens at {0} does not speak {1}.', origin, scheme), t('Check scheme and port of its address.'), openSettings, error)
  }
  return refused(t('The server {0} could not be asked: {1}.', origin, error.message), t('Check its address.'), openSettings, error)
}

export function tooSlow({ origin }: Address, ms: number): DpmError {
  return refused(t('The server {0} sent nothing for {1}.', origin, seconds(ms)), t('Look whether it is busy with other work, then run again.'), runAgain)
}

export function cutShort({ origin }: Address, bytes: number): DpmError {
  return refused(t('The server {0} cut its answer short after {1} bytes.', origin, bytes), t('Look whether it is still running, then run again.'), runAgain)
}

/** 429 or 503, however often it was asked. */
export function overloaded({ origin }: Address, times: number, ms: number, said: string): DpmError {
  return refused(said === '' ? t('The server {0} had no room for a request, {1} times within {2}.', origin, times, seconds(ms)) : t('The server {0} had no room for a request, {1} times within {2}: {3}.', origin, times, seconds(ms), said), t('Wait until it has less to do, then run again.'), runAgain)
}

/** Any other status than 200. Servers use them differently: their own words say more. */
export function rejection({ origin, model, url }: Address, status: number, said: string): DpmError {
  const words = said === '' ? '' : `: ${said}`
  switch (status) {
    case 401: case 403: return refused(t('The server {0} does not let us in (HTTP {1}){2}.', origin, status, words), t('Give it the token it asks for.'), setToken)
    case 404: return refused(t('The server {0} has no model {1} (HTTP 404){2}.', origin, model, words), t('Load it there, or give the address of another, such as http://host:8000/v2/models/NAME.'))
    case 413: return refused(t('The server {0} takes no request of this size (HTTP 413){1}.', origin, words), t('Use a smaller batch.'), { title: t('Use a Batch of 1'), set: { 'noise.batch': 1 } })
    case 301: case 302: case 307: case 308: return refused(t('The server {0} sends us elsewhere (HTTP {1}){2}.', origin, status, words), t('Give the address it names.'))
    default: return refused(t('The server at {0} did not evaluate (HTTP {1}){2}.', url, status, words), t('Check that it serves the model of this folder, or choose another.'), { title: t('Select Model…'), command: 'selectModel' })
  }
}

/** What the body of a failure says: {"error"}, {"detail"} as text or as a list, or plain text; short, and without its request's id. */
export function wordsOf(body: Buffer): string {
  const text = body.subarray(0, 64 * 1024).toString('utf8')
  return plainWords((saidIn(text) ?? text).replace(/<[^>]*>/g, ' ').replace(/^\s*\[request id: [^\]]*\]\s*/, '').replace(/\s+/g, ' ')).replace(/[.:\s]+$/, '')
}

/** What a JSON body says of a failure; undefined where it says nothing of one. */
export function saidIn(text: string): string | undefined {
  let value: unknown
  try { value = JSON.parse(text) } catch { return undefined }
  if (typeof value !== 'object' || value === null) return undefined
  const { error, detail } = value as { error?: unknown; detail?: unknown }
  if (typeof error === 'string') return error
  if (typeof detail === 'string') return detail
  if (!Array.isArray(detail)) return undefined
  const words = (one: { msg?: unknown; loc?: unknown } | null): string => [Array.isArray(one?.loc) ? one.loc.join('.') : '', typeof one?.msg === 'string' ? one.msg : t('is wrong')].join(' ').trim()
  return detail.slice(0, 3).map(words).join('; ')
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}
