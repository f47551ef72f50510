import { isObject } from '../../recipe/path'
import { t } from '../../sampler/text'
import { failed, fetchJson } from './request'

/** What onnxruntime-node's own install script fetches. */
export const packageName = 'Microsoft.ML.OnnxRuntime.Gpu.Linux'
export const defaultFeed = 'https://api.nuget.org/v3/index.json'

/** A package on a NuGet feed: where it is, how large it is, and the SHA-512 of it in base64, as the feed's catalog has it. */
export interface Package { url: string; bytes: number; sha512: string }

/**
 * Looks a package up on a NuGet v3 feed (service index → registration leaf → catalog entry). The hash comes from the catalog, not with the bytes.
 * Throws DpmError where the feed lacks it or says less.
 */
export async function findPackage(feed: string, version: string, signal: AbortSignal): Promise<Package> {
  const { origin, host } = new URL(feed)
  const index = await fetchJson(feed, signal)
  const resources = isObject(index) && Array.isArray(index['resources']) ? index['resources'].filter(isObject) : []
  const resource = (...types: string[]): string => {
    const found = types.map((type) => resources.find((one) => one['@type'] === type)?.['@id']).find((id) => typeof id === 'string')
    if (typeof found !== 'string') throw failed(t('{0} is no NuGet feed with {1}', host, types[0]!))
    return secure(found.endsWith('/') ? found : `${found}/`, origin)
  }
  const id = packageName.toLowerCase()
  const content = resource('PackageBaseAddress/3.0.0')
  const leaf = await fetchJson(`${resource('RegistrationsBaseUrl', 'RegistrationsBaseUrl/3.6.0', 'RegistrationsBaseUrl/3.4.0')}${id}/${version}.json`, signal)
  const entry = isObject(leaf) ? leaf['catalogEntry'] : undefined
  const address = isObject(entry) ? entry['@id'] : entry
  if (typeof address !== 'string') throw failed(t('{0} names no catalog entry of {1} {2}', host, packageName, version))
  const facts = await fetchJson(secure(address, origin), signal)
  const { packageHash, packageHashAlgorithm, packageSize } = isObject(facts) ? facts : {}
  if (typeof packageHash !== 'string' || Buffer.from(packageHash, 'base64').length !== 64 || packageHashAlgorithm !== 'SHA512' || typeof packageSize !== 'number' || packageSize <= 0) {
    throw failed(t('{0} has no SHA-512 and size of {1} {2}', host, packageName, version))
  }
  return { url: `${content}${id}/${version}/${id}.${version}.nupkg`, bytes: packageSize, sha512: packageHash }
}

/** What a feed of https names has to be https too. */
function secure(url: string, origin: string): string {
  if (origin.startsWith('https:') && !url.startsWith('https:')) throw failed(t('{0} names an address that is not https', new URL(origin).host))
  return url
}
