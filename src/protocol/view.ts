import type { ModelFacts } from '../recipe/model'
import type { Recipe } from '../recipe/recipe'
import type { ErrorReport, Remedy } from '../sampler/errors'
import type { Answer, Question, Tensor } from './inspect'
import type { FramePair, PreviewMethod, RowEvent, RowStates, RunDocument } from './run'
import type { VideoAnswer, VideoOrder } from './video'

/** A choice of the model list. `path` is what goes into `model.path`. */
export interface ModelChoice { path: string; label: string }

export type ModelState =
  | { status: 'loading'; path: string }
  | { status: 'ready'; path: string; facts: ModelFacts }
  | { status: 'failed'; path: string; error: ErrorReport }

export type RunStatus = 'loading' | 'running' | 'stopping' | 'stopped' | 'finished' | 'failed'

/** A run as the page shows it. Rows come once with the state and then one by one with `rows`. */
export interface RunView {
  runId: string
  /** Given by the user; null where it has none. */
  name: string | null
  status: RunStatus
  /** Its recording was found without an end: it was interrupted, or is still going in another window. Its status is `stopped`. */
  interrupted?: true
  /** It samples while its recipe is being changed: the run before is to be looked at until this one is over. */
  live?: true
  /** null until the model is loaded. */
  document: RunDocument | null
  rows: RowEvent[]
  /** While loading: what, how big, on which provider. */
  loading: { file: string; bytes: number; provider: string } | null
  error: ErrorReport | null
  /** Of a run that was stopped, or whose engine exited: why it cannot be resumed, in one sentence, or null where it can. Absent until that is known. `from`: when it is looked at again by itself, since it may be otherwise then; ms since 1970. */
  resume?: { why: string | null; from?: number }
  /** True once killAfterSeconds have passed since Stop: the page offers Force Stop. */
  stopOverdue: boolean
  /** Milliseconds from first evaluation to the end, or null while it runs. */
  ms: number | null
}

/** True for a run that has yet to end. */
export function isGoing(run: RunView | null): run is RunView & { status: 'loading' | 'running' | 'stopping' } {
  return run !== null && (run.status === 'loading' || run.status === 'running' || run.status === 'stopping')
}

/** True for a run that was stopped, or whose engine exited under it: it may be gone on with. */
export function isCutShort({ status, error }: { status: RunStatus; error: Pick<ErrorReport, 'reason'> | null }): boolean {
  return status === 'stopped' || status === 'failed' && error?.reason === 'engineExited'
}

/** What a run is called by for short: the end of its id. */
export function shortId(runId: string): string {
  return runId.split('-').at(-1) ?? runId
}

/** How the preview begins, as the settings say: which frames it shows, in this order, and which keys of the page are others, by the name of what they do, and how its pictures are made. */
export interface PreviewChoice { show: readonly Tensor[]; keys: Readonly<Record<string, string>>; method: PreviewMethod }
export const usualPreview: PreviewChoice = { show: ['x', 'x0'], keys: {}, method: 'auto' }

/** The tabs of the page. */
export type Tab = 'sample' | 'plan'

/** What is said of a run that was deleted while it was shown: what happened, and what to do. */
export interface Deleted { message: string; advice: string }

/** Everything the page draws from, pixels excepted. Sent whole on `ready` and whenever anything but rows changes. */
export interface ViewState {
  /** Absolute path of the recording that is shown, to look at only; absent in the preview. Where it is not there any more `run` is null, and the error of `model` says so. */
  recording?: string
  /** Of a recording that was deleted, which is no error: what stands in its place; `run` is null. */
  deleted?: Deleted
  recipe: Recipe
  /** What the settings say: a field of `recipe` that differs carries the modified mark. */
  defaults: Recipe
  models: ModelChoice[]
  model: ModelState
  run: RunView | null
  /** Runs waiting behind the current one. */
  queued: number
  /** The provider that the settings name, or `server`. */
  provider: string
  /** The machine that samples, where it is not the one in front of the user: `SSH: gpu-box`; absent on it. */
  remote?: string
  /** What the settings say of the preview. */
  preview: PreviewChoice
  /** False in Restricted Mode: runs cannot be started. */
  trusted: boolean
  /** An error that belongs to no run and no model (saving, settings, engine), until dismissed. */
  notice: ErrorReport | null
  /** Something that could be better and is no error, until dismissed. */
  hint: ErrorReport | null
}

/** Host → page. */
export type ToPage =
  | { type: 'state'; state: ViewState }
  | { type: 'rows'; runId: string; rows: RowEvent[] }
  /** `live`: sent by a going run, to be acknowledged; else the answer to a frame request, as `small` as that asked for, or small ones of the newest row for a page that begins. `frames` is null where the row could not be read. */
  | { type: 'frame'; runId: string; live: boolean; row: number; frames: FramePair | null; small?: true }
  /** `failed`: the rows asked for that could not be read. */
  | { type: 'thumbnails'; runId: string; size: number; thumbnails: { row: number; rgba: Uint8Array }[]; failed: number[] }
  /** Of a run in the plane. `failed`: the rows asked for that could not be read. */
  | { type: 'states'; runId: string; states: RowStates[]; failed: number[] }
  /** The page is to show this tab. */
  | { type: 'showTab'; tab: Tab }
  /** `answer` is null where the row could not be read. */
  | { type: 'inspected'; runId: string; question: Question; answer: Answer | null }
  /** `job` tells videos apart that are encoded at a time. */
  | { type: 'video'; job: number; order: VideoOrder }

/** Longest side of a small picture, in pixels. */
export const smallFrame = 128

/** Recipe fields that hold the path of a file, with the kinds of file that fit. */
export const fileFields = { 'input.image': ['png'], 'input.mask': ['png'], 'guidance.classifier': ['onnx'] } as const
export type FileField = keyof typeof fileFields

/** Commands that the page may ask for by name. */
export const pageCommands = ['dpmSolver.estimateVariance', 'dpmSolver.exportTrajectory'] as const
export type PageCommand = typeof pageCommands[number]

/** Kinds of files that a text of the page may be saved as. */
export const textKinds = ['csv', 'svg', 'json'] as const
export type TextKind = typeof textKinds[number]
/** Languages that a text of the page may be opened in. */
export const textLanguages = ['json', 'plaintext'] as const
export type TextLanguage = typeof textLanguages[number]
/** Characters of a text that the page may hand over. */
export const longestText = 2 ** 23

/** Page → host. */
export type FromPage =
  /** First message. What the page remembered of its last life; untrusted. */
  | { type: 'ready'; runId: string | null }
  | { type: 'recipe'; recipe: Recipe }
  /** Text that is no value stands in a field, and why it is none; null once all are values. While there is some, no run starts from the page's recipe. */
  | { type: 'draft'; refused: string | null }
  | { type: 'run'; recipe: Recipe }
  /** The recipe is being changed and its result is wanted at once: a live run that goes is overtaken by this one. */
  | { type: 'runLive'; recipe: Recipe }
  | { type: 'stop' }
  | { type: 'forceStop' }
  /** The run on show was stopped: go on with it; delete it. */
  | { type: 'resume' }
  | { type: 'discard' }
  | { type: 'frameAck'; runId: string; row: number }
  /** `small`: smallFrame pixels at most, to be there at once. */
  | { type: 'frameRequest'; runId: string; row: number; small?: true }
  | { type: 'thumbnailRequest'; runId: string; rows: number[] }
  /** For runs in the plane, which the page draws itself. */
  | { type: 'statesRequest'; runId: string; rows: number[] }
  /** At most one question of each kind (`of`) is open. */
  | { type: 'inspect'; runId: string; question: Question }
  | { type: 'video'; job: number; answer: VideoAnswer }
  /** A model is to be chosen; `file`: an .onnx file, in VS Code's own dialog. */
  | { type: 'browseModel'; what?: 'file' }
  /** A file is to be chosen for this field. */
  | { type: 'browseFile'; field: FileField }
  | { type: 'command'; command: PageCommand }
  | { type: 'saveDefaults'; recipe: Recipe }
  | { type: 'openSettings' }
  | { type: 'saveImage'; runId: string; row: number; what: 'x' | 'x0' }
  | { type: 'remedy'; remedy: Remedy }
  | { type: 'dismissNotice' }
  | { type: 'dismissHint' }
  /** Restricted Mode's one button: VS Code's own trust editor. */
  | { type: 'manageTrust' }
  | { type: 'showLog' }
  /** `what` names the text in the words that tell of it: “Copied plan as CSV”. */
  | { type: 'copyText'; text: string; what: string }
  /** `name` is a file's, without its extension: what the user is offered. */
  | { type: 'saveText'; text: string; name: string; kind: TextKind }
  | { type: 'openText'; text: string; language: TextLanguage }
  /** The recipe of the run on show becomes the form's. */
  | { type: 'useRecipe' }
  /** A script error or CSP violation in the page, for the log. */
  | { type: 'problem'; text: string }
