import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'

const modulus = 1n << 64n

/**
 * The seed as an integer in [0, 2^64). Taken are whole numbers up to 2^53 − 1 and decimal strings up to 2^64 − 1.
 * Throws DpmError at `noise.seed` for anything else, the word `random` included: a random seed is drawn before (drawSeed).
 */
export function parseSeed(seed: unknown): bigint {
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return BigInt(seed)
  if (typeof seed === 'string' && /^[0-9]{1,20}$/.test(seed) && BigInt(seed) < modulus) return BigInt(seed)
  const imprecise = typeof seed === 'number' && seed > Number.MAX_SAFE_INTEGER
  throw new DpmError({
    reason: 'recipeInvalid', field: 'noise.seed', message: t('noise.seed must be a whole number from 0 to 18446744073709551615, not {0}.', JSON.stringify(seed)),
    advice: imprecise ? t('Give another seed, or random. Above 9007199254740991 it must be written as a string.') : t('Give another seed, or random.'), remedy: { title: t('Use a Random Seed'), set: { 'noise.seed': 'random' } },
  })
}

/** Seed of batch item k, decimal: (seed + k) mod 2^64. */
export function itemSeed(seed: bigint, k: number): string {
  return ((seed + BigInt(k)) % modulus).toString()
}

/** A seed in the shortest form that a recipe takes: a number up to 2^53 − 1, above that its decimal string. What is no decimal string stays as it is. */
export function shortSeed(seed: number | string): number | string {
  return typeof seed === 'string' && /^[0-9]+$/.test(seed) && Number(seed) <= Number.MAX_SAFE_INTEGER ? Number(seed) : seed
}

/** A seed for a random run: uniform in [0, 2^32), short enough to be read aloud and typed again. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!
}
