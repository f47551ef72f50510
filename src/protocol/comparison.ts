import type { ErrorReport } from '../sampler/errors'
import type { Comparison } from './engineInfo'
import { closedForm, providerName, server } from './providerNames'

/** Where there is no other provider to compare with the CPU. */
export const ownCpu: readonly string[] = ['cpu', closedForm, server]

/** A provider this much slower than the CPU is worth a word; less is within what timing a few evaluations tells. */
const margin = 1.2

const ms = (value: number): string => value < 10 ? value.toFixed(1) : value.toFixed(0)

/** `56 ms on WebGPU, 2.1 ms on the CPU, at a batch of 4`. */
export function comparedInWords({ provider, providerMs, cpuMs, items }: Comparison): string {
  return `${ms(providerMs)} ms on ${providerName(provider)}, ${ms(cpuMs)} ms on the CPU${items === 1 ? '' : `, at a batch of ${items}`}`
}

/** What to say where a provider is slower than the CPU on a model; undefined where it is not. */
export function slowProvider(comparison: Comparison, model: string): ErrorReport | undefined {
  const { provider, providerMs, cpuMs } = comparison
  if (providerMs <= margin * cpuMs) return undefined
  return {
    reason: 'providerSlow', message: `${providerName(provider)} is slower than the CPU on ${model}: an evaluation takes ${comparedInWords(comparison)}.`, advice: 'Use the CPU: the setting is for all models.',
    remedy: { title: 'Use CPU', command: 'useCpu' }, otherRemedy: { title: 'Don’t Show Again', command: 'hideHints' },
  }
}
