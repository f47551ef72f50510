import { serverUrl } from '../../protocol/serverOrigin'
import { t } from '../../sampler/text'
import { refused, setToken } from './failures'

/** Where a model is on an inference server. */
export interface Address {
  /** Scheme, host and port. */
  origin: string
  /** Path of the server, without a slash at its end; what comes before /v2. */
  prefix: string
  model: string
  /** null: the server chooses. */
  version: string | null
  /** The model's own address, as users may read it: it never holds a user or password. */
  url: string
}

/**
 * What `engine.server` names: a server (http://host:8000), or one of its models (http://host:8000/v2/models/NAME, perhaps /versions/1).
 * @param name of the model where the address names none
 * Throws DpmError (`serverFailed`) for what is no such address; what it says holds no password.
 */
export function addressOf(server: string, name: string): Address {
  const url = serverUrl(server)
  if (!url) throw refused(t('The address of the inference server is not one of http or https.'), t('Give one such as http://127.0.0.1:8000.'))
  if (url.username !== '' || url.password !== '') {
    throw refused(t('The address of the inference server holds a user or a password.'), t('Take them out, and give a token with “Set Server Token…”.'), setToken)
  }
  if (url.search !== '' || url.hash !== '') throw refused(t('The address of the inference server goes on with ? or #.'), t('Leave these out.'))
  const [, prefix = '', given, version] = /^(.*?)(?:\/v2(?:\/models(?:\/([^/]+)(?:\/versions\/([^/]+))?)?)?)?\/*$/.exec(url.pathname)!
  const model = given === undefined ? encodeURIComponent(name) : given
  const path = `${prefix}/v2/models/${model}${version === undefined ? '' : `/versions/${version}`}`
  return { origin: url.origin, prefix, model: decoded(model), version: version ?? null, url: `${url.origin}${path}` }
}

function decoded(text: string): string {
  try { return decodeURIComponent(text) } catch { return text }
}
