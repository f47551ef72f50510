import { t } from '../text'
import { scheduleError } from './invalid'

/** `count` numbers from first to last, both included. */
function linspace(first: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => count === 1 ? first : first + (last - first) * i / (count - 1))
}

/** The largest beta of squaredcos_cap_v2: the "cap" of its name. */
const cap = 0.999

/** alpha-bar of the cosine schedule at t in [0, 1] (arXiv 2102.09672, eq. 17, offset 0.008), not normalised. */
const squaredcos = (t: number): number => Math.cos((t + 0.008) / 1.008 * Math.PI / 2) ** 2

/**
 * The noise variances beta_0 … beta_(N−1) of a discrete schedule, each in (0, 1].
 * linear: equally spaced (DDPM, arXiv 2006.11239); scaled_linear: equally spaced square roots (latent diffusion);
 * squaredcos_cap_v2: the steps of the cosine schedule, at most 0.999.
 * @param trainSteps N, an integer from 2 to 100,000; ignored where betas are given
 * @throws DpmError recipeInvalid
 */
export function betasOf(kind: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | readonly number[], trainSteps: number, betaStart: number, betaEnd: number): number[] {
  const N = typeof kind === 'string' ? trainSteps : kind.length
  if (!Number.isInteger(N) || N < 2 || N > 100_000) {
    throw scheduleError(typeof kind === 'string' ? 'schedule.noise' : 'schedule.betas', t('A discrete schedule of {0} training steps is not possible.', N), t('Use between 2 and 100000 training steps.'))
  }
  const betas = typeof kind === 'string' ? named(kind, N, betaStart, betaEnd) : [...kind]
  const wrong = betas.findIndex((beta) => !(beta > 0 && beta <= 1))
  if (wrong >= 0) {
    throw scheduleError(typeof kind === 'string' ? 'schedule.noise' : 'schedule.betas', t('beta {0} of the noise schedule is {1}, not above 0 and at most 1.', wrong, betas[wrong]!), t('Correct the betas.'))
  }
  return betas
}

/**
 * Betas stretched so that the last alpha-bar is exactly 0: √alpha-bar is shifted to 0 at the end and scaled to stay what it was at the start
 * (Lin et al. 2024, arXiv 2305.08891, Algorithm 1). The last beta becomes 1.
 * @throws DpmError recipeInvalid where the schedule has no room for it
 */
export function zeroTerminalSnr(betas: readonly number[]): number[] {
  let sum = 0
  const roots = betas.map((beta) => {
    sum += Math.log1p(-beta)
    return Math.exp(sum / 2)
  })
  const [first = NaN] = roots
  const last = roots.at(-1) ?? NaN
  const stretched = roots.map((root) => (root - last) * first / (first - last))
  const betasOfStretched = stretched.map((root, i) => 1 - (root / (stretched[i - 1] ?? 1)) ** 2)
  // Where so little signal is left that it underflows, neighbours are stretched to the same place.
  if (!betasOfStretched.every((beta) => beta > 0 && beta <= 1)) {
    throw scheduleError('schedule.zeroTerminalSnr', t('This noise schedule cannot be stretched: it has next to no signal long before its end.'), t('Leave it as it is, or use smaller betas.'), {
      title: t('Leave the Schedule as It Is'), set: { 'schedule.zeroTerminalSnr': false },
    })
  }
  return betasOfStretched
}

function named(kind: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2', N: number, betaStart: number, betaEnd: number): number[] {
  switch (kind) {
    case 'linear': return linspace(betaStart, betaEnd, N)
    case 'scaled_linear': return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), N).map((root) => root * root)
    case 'squaredcos_cap_v2': return Array.from({ length: N }, (_, i) => Math.min(1 - squaredcos((i + 1) / N) / squaredcos(i / N), cap))
  }
}
