import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { EngineOptions, Provider } from './engine'
import { providerName } from './providerNames'

/** What an option of a provider may be: its words, or a test with what it says of itself. */
type Allowed = readonly string[] | { fits: (value: unknown) => boolean; allowed: string }

const truth: Allowed = { fits: (value) => typeof value === 'boolean', allowed: t('true or false') }
const cache: Allowed = ['disabled', 'lazyRelease', 'simple', 'bucket']

/** The options that the binding of ONNX Runtime 1.30 passes on, of each provider that has any. It drops others without a word (WebGPU refuses them). */
const known: Partial<Record<Provider, Readonly<Record<string, Allowed>>>> = {
  coreml: { coreMlFlags: { fits: (value) => Number.isInteger(value) && (value as number) >= 0, allowed: t('a whole number, the sum of COREML_FLAG_… values') } },
  webgpu: {
    preferredLayout: ['NCHW', 'NHWC'], validationMode: ['disabled', 'wgpuOnly', 'basic', 'full'], enableRobustness: truth,
    storageBufferCacheMode: cache, uniformBufferCacheMode: cache, queryResolveBufferCacheMode: cache, defaultBufferCacheMode: cache,
    forceCpuNodeNames: { fits: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'), allowed: t('a list of names of nodes') },
  },
}

/** No two of them have one of the same name. */
const all: Readonly<Record<string, Allowed>> = { ...known.coreml, ...known.webgpu }

/** Providers with several devices to choose from by number. */
const withDevices: readonly Provider[] = ['cuda', 'tensorrt', 'dml']

type Asked = Pick<EngineOptions, 'provider' | 'deviceId' | 'providerOptions'>

/** Why a provider cannot take the device asked for, in a few words; null where it can. The CPU has none, and what is asked is for the others. */
export function deviceRefusal(provider: Provider, { deviceId = 0 }: Asked): string | null {
  if (deviceId === 0 || provider === 'cpu' || withDevices.includes(provider)) return null
  return provider === 'webgpu' ? t('the device number is {0}, and it has no devices to choose by number but takes the GPU that the system holds for the fastest', deviceId)
    : t('the device number is {0}, and it has no devices to choose by number', deviceId)
}

/**
 * What a provider is given beside its name. With `auto` each takes the options that are its own, and for `auto` itself all are looked at. The CPU has none: those that are set are for the others.
 * Throws DpmError (`recipeInvalid`) for an option that is not known, or a value that does not fit.
 */
export function optionsFor(provider: Provider, asked: Asked): Record<string, unknown> {
  const { deviceId = 0, providerOptions = {} } = asked
  if (provider === 'cpu') return {}
  const own = provider === 'auto' ? all : known[provider] ?? {}
  const wrong = Object.keys(providerOptions).find((name) => !Object.hasOwn(asked.provider === 'auto' ? all : own, name))
  if (wrong !== undefined) {
    const names = Object.keys(own)
    throw refused(
      provider === 'auto' ? t('The provider options have “{0}”, which no provider knows.', wrong) : t('The provider options have “{0}”, which {1} does not know.', wrong, providerName(provider)),
      names.length > 0 ? t('Known are {0}.', names.join(', '))
        : withDevices.includes(provider) ? t('Leave it empty: {0} has no options but the device number.', providerName(provider)) : t('Leave it empty: {0} has no options.', providerName(provider)),
    )
  }
  const mine = Object.entries(providerOptions).filter(([name]) => Object.hasOwn(own, name))
  for (const [name, value] of mine) {
    const allowed = own[name]!
    const fits = 'fits' in allowed ? allowed.fits(value) : typeof value === 'string' && allowed.includes(value)
    if (!fits) throw refused(t('The provider option {0} must be {1}, not {2}.', name, 'fits' in allowed ? allowed.allowed : t('one of {0}', allowed.join(', ')), JSON.stringify(value)?.slice(0, 60) ?? String(value)), t('Correct it, or leave it out.'))
  }
  return { ...(withDevices.includes(provider) ? { deviceId } : {}), ...Object.fromEntries(mine) }
}

function refused(message: string, advice: string): DpmError {
  return new DpmError({ reason: 'recipeInvalid', message, advice, remedy: { title: t('Open Settings'), command: 'openSettings' } })
}
