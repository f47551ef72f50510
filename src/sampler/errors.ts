import { t } from './text'

/** What can be wrong with a model, so that another has to be chosen. */
const modelReasons = ['modelMissing', 'modelUnreadable', 'notADiffusionModel', 'modelUnsupported'] as const
export type ModelReason = typeof modelReasons[number]

/** Why something could not be done. Reasons are compared, messages are read by people. */
export type Reason =
  | 'recipeInvalid' // the recipe breaks the schema or a rule of it
  | ModelReason
  | 'providerUnavailable' | 'providerSlow'
  | 'evaluationFailed' | 'nonFinite'
  | 'serverFailed' // an inference server that cannot be reached, or answers with what is none
  | 'engineNotStarted' // a setting of how to start it names what cannot be used
  | 'engineExited' | 'engineProtocol'
  | 'runFolder' | 'outputFile'
  | 'pictures' // a folder of pictures, or one of them, that cannot be read
  | 'untrusted' // Restricted Mode
  | 'internal'

/** True where the model itself is what is wrong. */
export const isOfModel = (reason: Reason): boolean => modelReasons.some((one) => one === reason)

/** What would help, as data: the panel and notifications make a button of it, the command line prints the advice only. */
export type Remedy =
  | { title: string; set: Record<string, unknown> } // recipe fields by dotted path, then run again
  | { title: string; command: RemedyCommand }
export type RemedyCommand = 'selectModel' | 'useCpu' | 'restartEngine' | 'showLog' | 'openSettings' | 'manageTrust' | 'runAgain' | 'estimateVariance' | 'setServerToken' | 'installCudaRuntime' | 'howToInstall' | 'howModelsLook' | 'hideHints'

/** An error as it travels between processes and to the page. `field` is a recipe path such as `solver.steps`. */
export interface ErrorReport {
  reason: Reason
  /** One sentence: what happened, naming the thing. */
  message: string
  /** One sentence: what to do. */
  advice: string
  field?: string
  remedy?: Remedy
  /** A second button, where there is another way. */
  otherRemedy?: Remedy
}

/** The one error type that reaches users. Anything else that is thrown is a bug and is reported as `internal`. */
export class DpmError extends Error {
  /** One is known by its name: each file of the packed extension has a class of its own, and hands its errors to the others. */
  static override [Symbol.hasInstance](value: unknown): boolean { return value instanceof Error && value.name === 'DpmError' }

  readonly reason: Reason
  readonly advice: string
  readonly field: string | undefined
  readonly remedy: Remedy | undefined
  readonly otherRemedy: Remedy | undefined

  constructor(report: ErrorReport, options?: { cause?: unknown }) {
    super(report.message, options)
    this.name = 'DpmError'
    this.reason = report.reason
    this.advice = report.advice
    this.field = report.field
    this.remedy = report.remedy
    this.otherRemedy = report.otherRemedy
  }

  report(): ErrorReport {
    return {
      reason: this.reason, message: this.message, advice: this.advice,
      ...(this.field === undefined ? {} : { field: this.field }), ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      ...(this.otherRemedy === undefined ? {} : { otherRemedy: this.otherRemedy }),
    }
  }
}

/** The report of anything thrown. What is not a DpmError becomes `internal`, with its text and the log as the place to look. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof DpmError) return error.report()
  const text = error instanceof Error ? error.message : String(error)
  return { reason: 'internal', message: t('Unexpected error: {0}', text), advice: t('Look at the log and report the issue.'), remedy: { title: t('Show Log'), command: 'showLog' } }
}

/** Closes a switch over a union: a compile error where a member was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
