import type { ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'
import type { Comparison } from './engineInfo'
import { closedForm, providerName, server } from './providerNames'

/** Where there is no other provider to compare with the CPU. */
export const ownCpu: readonly string[] = ['cpu', closedForm, server]

/** A provider this much slower than the CPU is worth a word; less is within what timing a few evaluations tells. */
const margin = 1.2

const ms = (value: number): string => value < 10 ? value.toFixed(1) : value.toFixed(0)

/** `56 ms on WebGPU, 2.1 ms on the CPU, at a batch of 4`. */
export function comparedInWords({ provider, providerMs, cpuMs, items }: Comparison): string {
  const times = t('{0} ms on {1}, {2} ms on the CPU', ms(providerMs), providerName(provider), ms(cpuMs))
  return items === 1 ? times : t('{0}, at a batch of {1}', times, items)
}

/** What to say where a provider is slower than the CPU on a model; undefined where it is not. */
export function slowProvider(comparison: Comparison, model: string): ErrorReport | undefined {
  const { provider, providerMs, cpuMs } = comparison
  if (providerMs <= margin * cpuMs) return undefined
  return {
    reason: 'providerSlow', message: t('{0} is slower than the CPU on {1}: an evaluation takes {2}.', providerName(provider), model, comparedInWords(comparison)), advice: t('Use the CPU: the setting is for all models.'),
    remedy: { title: t('Use CPU'), command: 'useCpu' }, otherRemedy: { title: t('Don’t Show Again'), command: 'hideHints' },
  }
}
