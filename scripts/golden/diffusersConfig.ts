import { torchLinspace } from './torch'
import { numbers, type Data } from './file'

/** A diffusers scheduler's configuration with its class's defaults filled in. Keys are the peer's. */
export type Config = Data

const classic = { num_train_timesteps: 1000, beta_start: 1e-4, beta_end: 0.02, beta_schedule: 'linear', trained_betas: null, steps_offset: 0, prediction_type: 'epsilon' }
const narrow = { ...classic, beta_start: 0.00085, beta_end: 0.012, timestep_spacing: 'linspace' }
const sigmaKinds = { use_karras_sigmas: false, use_exponential_sigmas: false, use_beta_sigmas: false }
const flowKinds = { ...sigmaKinds, use_flow_sigmas: false, flow_shift: 1, use_dynamic_shifting: false, time_shift_type: 'exponential' }
const thresholds = { thresholding: false, dynamic_thresholding_ratio: 0.995, sample_max_value: 1 }
const clips = { ...thresholds, clip_sample: true, clip_sample_range: 1 }
const dpm = { ...classic, ...flowKinds, ...thresholds, solver_order: 2, solver_type: 'midpoint', algorithm_type: 'dpmsolver++', final_sigmas_type: 'zero', lambda_min_clipped: -Infinity }
const edm = { sigma_min: 0.002, sigma_max: 80, sigma_data: 0.5, sigma_schedule: 'karras', num_train_timesteps: 1000, prediction_type: 'epsilon', rho: 7, final_sigmas_type: 'zero' }

/** What each class takes where a configuration says nothing. */
const defaults: Readonly<Record<string, Config>> = {
  DPMSolverMultistepScheduler: { ...dpm, lower_order_final: true, euler_at_final: false, use_lu_lambdas: false, timestep_spacing: 'linspace', rescale_betas_zero_snr: false },
  DPMSolverMultistepInverseScheduler: { ...dpm, lower_order_final: true, euler_at_final: false, timestep_spacing: 'linspace' },
  DPMSolverSinglestepScheduler: { ...dpm, lower_order_final: false, timestep_spacing: 'linspace' },
  DPMSolverSDEScheduler: { ...narrow, ...sigmaKinds },
  UniPCMultistepScheduler: {
    ...classic, ...flowKinds, ...thresholds, solver_order: 2, solver_type: 'bh2', predict_x0: true, lower_order_final: true, disable_corrector: [], timestep_spacing: 'linspace',
    final_sigmas_type: 'zero', rescale_betas_zero_snr: false, sigma_min: null, sigma_max: null, shift_terminal: null,
  },
  DEISMultistepScheduler: { ...classic, ...flowKinds, ...thresholds, solver_order: 2, solver_type: 'logrho', algorithm_type: 'deis', lower_order_final: true, timestep_spacing: 'linspace' },
  EulerDiscreteScheduler: {
    ...classic, ...sigmaKinds, interpolation_type: 'linear', sigma_min: null, sigma_max: null, timestep_spacing: 'linspace', timestep_type: 'discrete', final_sigmas_type: 'zero',
    rescale_betas_zero_snr: false,
  },
  EulerAncestralDiscreteScheduler: { ...classic, timestep_spacing: 'linspace', rescale_betas_zero_snr: false },
  HeunDiscreteScheduler: { ...narrow, ...sigmaKinds, clip_sample: false, clip_sample_range: 1 },
  KDPM2DiscreteScheduler: { ...narrow, ...sigmaKinds },
  KDPM2AncestralDiscreteScheduler: { ...narrow, ...sigmaKinds },
  LMSDiscreteScheduler: { ...classic, ...sigmaKinds, timestep_spacing: 'linspace' },
  DDIMScheduler: { ...classic, ...clips, set_alpha_to_one: true, timestep_spacing: 'leading', rescale_betas_zero_snr: false },
  DDIMInverseScheduler: { ...classic, ...clips, set_alpha_to_one: true, timestep_spacing: 'leading', rescale_betas_zero_snr: false },
  DDPMScheduler: { ...classic, ...clips, variance_type: 'fixed_small', timestep_spacing: 'leading', rescale_betas_zero_snr: false },
  PNDMScheduler: { ...classic, skip_prk_steps: false, set_alpha_to_one: false, timestep_spacing: 'leading' },
  IPNDMScheduler: { num_train_timesteps: 1000, trained_betas: null },
  EDMEulerScheduler: edm,
  EDMDPMSolverMultistepScheduler: { ...edm, ...thresholds, solver_order: 2, solver_type: 'midpoint', algorithm_type: 'dpmsolver++', lower_order_final: true, euler_at_final: false },
  FlowMatchEulerDiscreteScheduler: {
    num_train_timesteps: 1000, shift: 1, ...sigmaKinds, use_dynamic_shifting: false, time_shift_type: 'exponential', shift_terminal: null, invert_sigmas: false, stochastic_sampling: false,
  },
  FlowMatchHeunDiscreteScheduler: { num_train_timesteps: 1000, shift: 1 },
}

/** A case's configuration, complete; undefined for a class that is not known here. */
export function configOf(scheduler: string, config: Data): Config | undefined {
  return Object.hasOwn(defaults, scheduler) ? { ...defaults[scheduler], ...config } : undefined
}

/** The peer's tables, index i for training step i. */
export interface Table {
  betas: number[]
  alphasCumprod: number[]
  /** σ/α of every training step. */
  sigmas: number[]
}

const tables = new Map<string, Table>()

/** betas, ᾱ and σ/α as the peer computes them in float64, to the last bit. */
export function tableOf(config: Config): Table {
  const { trained_betas: trained, beta_schedule: kind, beta_start: start, beta_end: end, num_train_timesteps: N, rescale_betas_zero_snr: rescale } = config
  const keepsZero = 'clip_sample' in config
  const key = JSON.stringify([trained, kind, start, end, N, rescale, keepsZero])
  const known = tables.get(key)
  if (known) return known
  const given = Array.isArray(trained) ? numbers(config, 'trained_betas') : namedBetas(String(kind), Number(start), Number(end), Number(N))
  const betas = rescale === true ? rescaled(given) : given
  const alphasCumprod = cumulativeProduct(betas.map((beta) => 1 - beta))
  // DDIM and DDPM keep the 0, and never divide by it.
  if (rescale === true && !keepsZero) alphasCumprod[alphasCumprod.length - 1] = 2 ** -24
  const table = { betas, alphasCumprod, sigmas: alphasCumprod.map((alphaBar) => Math.sqrt((1 - alphaBar) / alphaBar)) }
  tables.set(key, table)
  return table
}

function namedBetas(kind: string, start: number, end: number, N: number): number[] {
  const squaredcos = (t: number): number => Math.cos((t + 0.008) / 1.008 * Math.PI / 2) ** 2
  switch (kind) {
    case 'linear': return torchLinspace(start, end, N)
    case 'scaled_linear': return torchLinspace(Math.sqrt(start), Math.sqrt(end), N).map((root) => root * root)
    case 'squaredcos_cap_v2': return Array.from({ length: N }, (_, i) => Math.min(1 - squaredcos((i + 1) / N) / squaredcos(i / N), 0.999))
    case 'sigmoid': return torchLinspace(-6, 6, N).map((x) => (end - start) / (1 + Math.exp(-x)) + start)
    default: throw new TypeError(`“beta_schedule” is ${kind}, which is not known`)
  }
}

function cumulativeProduct(factors: readonly number[]): number[] {
  let product = 1
  return factors.map((factor) => product *= factor)
}

/** Betas whose last ᾱ is 0, √ᾱ otherwise stretched evenly (arXiv 2305.08891, Algorithm 1), in the peer's order of operations. */
function rescaled(betas: readonly number[]): number[] {
  const roots = cumulativeProduct(betas.map((beta) => 1 - beta)).map(Math.sqrt)
  const [first = NaN] = roots
  const last = roots.at(-1) ?? NaN
  const alphaBars = roots.map((root) => ((root - last) * (first / (first - last))) ** 2)
  return alphaBars.map((alphaBar, i) => 1 - (i === 0 ? alphaBar : alphaBar / alphaBars[i - 1]!))
}

/** Index of the noisiest training step that lambda_min_clipped leaves, plus 1. */
export function keptSteps({ alphasCumprod }: Table, lambdaMin: number): number {
  // The peer searches the reversed list, which is sorted but for a rescaled table's end.
  const lambdas = alphasCumprod.map((alphaBar) => Math.log(Math.sqrt(alphaBar)) - Math.log(Math.sqrt(1 - alphaBar))).reverse()
  const clipped = lambdas.findIndex((lambda) => lambda >= lambdaMin)
  return lambdas.length - (clipped < 0 ? lambdas.length : clipped)
}
