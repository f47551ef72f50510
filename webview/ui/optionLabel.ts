const letters: Readonly<Record<string, string>> = { eta: 'η', rho: 'ρ', alpha: 'α', beta: 'β', sigma: 'σ', sigmas: 'σ/α', epsilon: 'ε', b: 'B(h)' }
const digits = '₀₁₂₃₄₅₆₇₈₉'

/** The label of an option by its name: `sNoise` is “S noise”, `r1` “r₁”, `betaStart` “β start”; tolerances and symbols stay as they are. */
export function optionLabel(name: string): string {
  const [first = '', ...rest] = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/\d/g, (digit) => digits[Number(digit)]!).split(' ')
  const stem = /^[a-z]+/.exec(first)?.[0] ?? ''
  const head = letters[stem] ? letters[stem] + first.slice(stem.length) : stem.endsWith('tol') || (rest.length === 0 && first.length < 3) ? first : first.slice(0, 1).toUpperCase() + first.slice(1)
  return [head, ...rest].join(' ')
}
