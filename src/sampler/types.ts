/** One point of the noise schedule. lambda = ln(alpha / sigma): +Infinity where sigma = 0, -Infinity where alpha = 0 (zero-terminal SNR, flow at t = 1). */
export interface Level { t: number; alpha: number; sigma: number; lambda: number }

/**
 * What a coefficient multiplies: the state, this step's k-th output (`raw`: in that form and before thresholding or clipping), the j-th remembered output (0 = newest), or a unit
 * normal (draw d of the run, or the increment of a Brownian path between two levels over the root of their distance). The same draw or increment named twice in a step is the same noise.
 */
export type Of = 'state' | { stage: number; raw?: Form } | { past: number } | { draw: number } | { brownian: [Level, Level]; clock?: Clock }

/**
 * In which time a Brownian path runs. A number η: in e^(2ηλ), where ∫ e^(ηλ) dW_λ is such a path, so that the noise of exponential integrators over two steps is that
 * over both at once (1, if nothing is said: DDPM, ancestral methods, SDE-DPM-Solver); 't': in the schedule's own time (Euler–Maruyama).
 */
export type Clock = number | 't'

/** `scaledBy`: elementwise factor exp(exponent·v) from a stage's second output v (learned variance). */
export interface Term { of: Of; coefficient: number; scaledBy?: { stage: number; exponent: number } }

/** Evaluate the model at `level` on the state sum(input). `label` only where a peer gives the network another time than the level's. */
export interface Stage { level: Level; input: Term[]; label?: number }

/** One advance of the state from `from` to `to`: a table of coefficients that one loop executes. */
export interface Step {
  from: Level
  to: Level
  order: number
  stages: Stage[]
  update: Term[]
  /** Stages whose outputs join the history, oldest first. */
  remember: number[]
  /** The stage whose x̂₀ is shown for this step; −1: the newest remembered output, which belongs to `from` (a predictor–corrector evaluates there one step early). */
  estimate: number
  /** The lower-order solution, for step-size control. */
  embedded?: Term[]
  /** `update` less `embedded`, with more digits than the difference of the two sums has. */
  error?: Term[]
}

/** In which form a method takes the model's output: the noise ε (DPM-Solver) or the data x̂₀ (DPM-Solver++). */
export type Form = 'noise' | 'data'

/** Latents of which pictures can be made: those of the autoencoders of Stable Diffusion 1 and 2, XL and 3, and of Flux. */
export type LatentSpace = 'sd' | 'sdxl' | 'sd3' | 'flux'
/** What the network predicts: ε, x0, v = α ε − σ x0, the score −ε/σ, or the velocity of flow matching, ε − x0. */
export type PredictionType = 'epsilon' | 'sample' | 'v_prediction' | 'score' | 'flow'

/** Parameters of one method only (r1, r2, …), by name. Validated by the recipe schema. */
export type MethodOptions = Readonly<Record<string, unknown>>

export interface MethodContext {
  from: Level
  to: Level
  index: number
  count: number
  /** Levels of the remembered outputs, newest first. */
  past: readonly Level[]
  /** Inner levels of a singlestep method, where the spacing places them; empty: the method's own r1, r2. */
  inner?: readonly Level[]
  levelAtLambda(lambda: number): Level
  /** The schedule's slopes, for methods that step in its own time (Euler–Maruyama). */
  slope?: (t: number) => { logAlpha: number; lambda: number }
}
export type Method = (at: MethodContext, options: MethodOptions) => Step

/** Which noise schedule, as plain data (it travels and is stored in run.json). */
export type ScheduleSpec =
  | {
    kind: 'discrete'
    betas: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | number[]
    /** Number of training steps N; ignored where betas are given. */
    trainSteps: number
    betaStart: number
    betaEnd: number
    /** The noisiest knots with lambda below this are dropped; null keeps all. */
    lambdaMin: number | null
    /** The betas are stretched so that the last alpha is 0 (arXiv 2305.08891); a `lambdaMin` takes that end away again. */
    zeroTerminalSnr?: boolean
  }
  | { kind: 'vpLinear'; beta0: number; beta1: number }
  | { kind: 'vpCosine'; s: number }
  /** Variance exploding, time = sigma, alpha = 1 (EDM). */
  | { kind: 'edm'; sigmaMin: number; sigmaMax: number; sigmaData: number }
  /** Flow matching: alpha = 1 − sigma, sigma = shift·t/(1 + (shift − 1) t). */
  | { kind: 'flow'; shift: number; trainSteps: number }

/** A noise schedule: x_t = alpha_t x0 + sigma_t eps, lambda strictly decreasing in t. VP ones have alpha² + sigma² = 1, EDM alpha = 1, flow matching alpha + sigma = 1. */
export interface NoiseSchedule {
  readonly spec: ScheduleSpec
  /** Where sampling starts (the noisiest time). */
  readonly T: number
  /** Where sampling ends unless asked otherwise: 1/N of a discrete schedule, 1e-3 of a continuous one, sigmaMin of EDM. */
  readonly tEnd: number
  /** Number of kept knots of a discrete schedule, else undefined. Knot i is at t = (i + 1) / knots. */
  readonly knots: number | undefined
  level(t: number): Level
  /** Inverse of lambda. Throws RangeError for a lambda that no time has: one that is not finite, but −Infinity where alpha = 0 at T. */
  levelAtLambda(lambda: number): Level
  /** d log alpha/dt and d lambda/dt at t: f = d log alpha/dt is the drift of the forward SDE, g² = −2 sigma² d lambda/dt its squared diffusion. */
  slope(t: number): { logAlpha: number; lambda: number }
  /** The network's own time label at t: t·knots − 1 of a discrete schedule (fractions allowed), t itself of a continuous one, ln(sigma)/4 of EDM, sigma·trainSteps of a flow. */
  label(t: number): number
  /** The time that has a label. */
  timeOf(label: number): number
}

/** The algorithms by their names in recipes; algorithms.ts has a row for each. */
export type Algorithm =
  | 'dpmsolver++' | 'dpmsolver' | 'unipc' | 'deis' | 'ddim' | 'euler' | 'heun' | 'dpm2' | 'lms' | 'ipndm' | 'pndm' | 'rk45'
  | 'sde-dpmsolver++' | 'sde-dpmsolver' | 'ddpm' | 'eulerAncestral' | 'dpm2Ancestral' | 'dpmpp2sAncestral' | 'dpmppSde' | 'eulerMaruyama' | 'analyticDpm'
export type SamplingMethod = 'multistep' | 'singlestep' | 'singlestepFixed' | 'adaptive'
/**
 * How a second-order update takes the derivative m′ into account: `midpoint` as ½ φ1 (the papers' algorithms; the authors' `dpmsolver`, diffusers' `midpoint`),
 * `taylor` as φ2 (the authors' `taylor`, diffusers' `heun`). Third order differs in the same spirit.
 */
export type Variant = 'midpoint' | 'taylor'
export type OrderSplit = 'authors' | 'greedy'
export type Spacing =
  | 'logSNR' | 'timeUniform' | 'timeQuadratic' | 'timePower' | 'karras' | 'exponential' | 'polyexponential' | 'beta'
  | 'leading' | 'trailing' | 'linspace' | 'ays' | 'custom' | 'tuned'

/** Parameters of spacings, each read by those that it belongs to. */
export interface SpacingOptions {
  /** timePower: equal parts of t^(1/power); 1 is timeUniform, 2 (if nothing is said) timeQuadratic. */
  power?: number
  /** karras: equal parts of (σ/α)^(1/rho), 7 if nothing is said; polyexponential: the exponent of the ramp, 1. */
  rho?: number
  /** beta: the two shape parameters, 0.6 each, and whether times (the paper, ComfyUI) or σ/α (diffusers) follow the quantiles. */
  alpha?: number
  beta?: number
  betaOf?: 'time' | 'sigma'
  /** leading: the training step it begins to count from (diffusers' steps_offset). */
  offset?: number
  /** leading, linspace: one point more is laid and the last one, no noise, left out (diffusers' DPM-Solver, UniPC, DEIS). */
  extraPoint?: boolean
  /** ays: whose table. */
  table?: 'sd15' | 'sdxl' | 'svd'
  /** custom: the network's own time labels, noisiest first; tuned: a table of them to interpolate. */
  timesteps?: readonly number[]
  /** The same as σ/α, in place of times; a last 0 says nothing. */
  sigmas?: readonly number[]
}
export type FinalSigma = 'zero' | 'sigmaMin' | 'denoise'

/** What a plan is made from. The recipe's `solver` and `schedule` parts have these fields. */
export interface PlanRequest {
  algorithm: Algorithm
  order: 1 | 2 | 3
  method: SamplingMethod
  /** Model evaluations. */
  steps: number
  orderSplit: OrderSplit
  lowerOrderBelow: number
  finalSigma: FinalSigma
  variant: Variant
  options: MethodOptions
  spacing: Spacing
  spacingOptions?: SpacingOptions
  tEnd: number | 'auto'
  /** Where sampling begins, T if nothing is said: an image noised up to there is taken up there. */
  tStart?: number
  /** Snap every level to a knot of this schedule (a network whose time input is an integer). */
  snapToKnots?: boolean
}

/** How the width of the next step follows from the error of this one; adaptive.ts says how each works. */
export type Controller =
  | { kind: 'pi'; safety: number }
  | { kind: 'authors'; theta: number; singlePrecision: boolean }
  | { kind: 'pid'; p: number; i: number; d: number; acceptSafety: number }
  | { kind: 'scipy' }

/** The part of a run whose steps are found while it runs, as data. One lane for each batch item with step sizes of its own, so that a batch never changes an item's path. */
export interface AdaptivePlan {
  from: Level
  to: Level
  /** DPM-Solver-12 or -23, or a Runge–Kutta pair for the probability-flow ODE. */
  pair: 'dpm12' | 'dpm23' | 'rk23' | 'rk45'
  variant: Variant
  controller: Controller
  atol: number
  rtol: number
  /** Width of the first attempt in λ; Runge–Kutta pairs find theirs. */
  first: number
  /** In what the run steps; DPM-Solver steps in λ. */
  variable: 't' | 'lambda'
  /** One lane for the whole batch, as other programs have it. */
  together?: boolean
}

export interface Plan {
  form: Form
  /** levels[i] is where row i of the trajectory lies; levels.length = steps.length + 1. */
  levels: Level[]
  steps: Step[]
  /** Comes before `steps`. */
  adaptive?: AdaptivePlan
  /** Model evaluations of the whole plan; of an adaptive one, of its `steps` alone. */
  evaluations: number
  /** Facts the user should know, one sentence each ("singlestepFixed of order 3 takes 18 of the 20 evaluations asked for"). */
  notes: string[]
}

/** Numbers of one kind for states; Float64Array only in tests that ask for 1e-10. */
export type FloatArray = Float32Array | Float64Array
