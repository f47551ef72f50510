import { t } from '../../src/sampler/text'

const letters: Readonly<Record<string, string>> = { eta: 'η', rho: 'ρ', alpha: 'α', beta: 'β', sigma: 'σ', sigmas: 'σ/α', epsilon: 'ε', b: 'B(h)' }
const digits = '₀₁₂₃₄₅₆₇₈₉'

/** Names that are words. */
const words: Readonly<Record<string, string>> = {
  eulerAtEnd: t('Euler at end'), controller: t('Controller'), compat: t('Compat'), sNoise: t('S noise'), form: t('Form'), variance: t('Variance'), sChurn: t('S churn'), sTmin: t('S tmin'), sTmax: t('S tmax'), order: t('Order'),
  start: t('Start'), rule: t('Rule'), statistic: t('Statistic'), dataVariance: t('Data variance'), variable: t('Variable'), power: t('Power'), betaOf: t('β of'), offset: t('Offset'), extraPoint: t('Extra point'), table: t('Table'),
  trainSteps: t('Train steps'), betaStart: t('β start'), betaEnd: t('β end'), sigmaMin: t('σ min'), sigmaMax: t('σ max'), shift: t('Shift'),
}

/** The label of an option by its name: `sNoise` is “S noise”, `r1` “r₁”, `betaStart` “β start”; tolerances and symbols stay as they are. */
export function optionLabel(name: string): string {
  if (Object.hasOwn(words, name)) return words[name]!
  const [first = '', ...rest] = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/\d/g, (digit) => digits[Number(digit)]!).split(' ')
  const stem = /^[a-z]+/.exec(first)?.[0] ?? ''
  const head = letters[stem] ? letters[stem] + first.slice(stem.length) : stem.endsWith('tol') || (rest.length === 0 && first.length < 3) ? first : first.slice(0, 1).toUpperCase() + first.slice(1)
  return [head, ...rest].join(' ')
}
