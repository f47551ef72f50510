import { fromWire } from '../protocol/wire'
import { isDerived, type PixelPlace, type Question, type Region } from '../protocol/inspect'
import type { VideoAnswer, VideoPart } from '../protocol/video'
import { fileFields, longestText, pageCommands, textKinds, textLanguages, type FileField, type FromPage } from '../protocol/view'
import type { PartialRecipe } from '../recipe/defaults'
import { recipes } from '../recipe/door'
import { isObject } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'
import type { RemedyCommand } from '../sampler/errors'
import { mostRows } from '../run/runFormat'
import { isRunId } from '../run/runView'

const remedyCommands = {
  selectModel: true, useCpu: true, restartEngine: true, showLog: true, openSettings: true, manageTrust: true, runAgain: true, estimateVariance: true, setServerToken: true, installCudaRuntime: true,
  howToInstall: true, howModelsLook: true, hideHints: true,
} satisfies Record<RemedyCommand, true>

/** Rows asked for at once: what the page asks for at most. */
const rowsAtOnce = 256
/** Text the page may put into the log at once. */
const longestProblem = 2000
/** Characters of what a text is called. */
const longestName = 120

/**
 * The message that a page sent, or undefined where it is none. The page is not trusted: every field is looked at before anything relies on it.
 * A `recipe` that breaks the schema makes its message none; rules that need the model are checked later.
 */
export function parseFromPage(raw: unknown): FromPage | undefined {
  const message = fromWire(raw)
  if (!isObject(message)) return undefined
  const { type, runId } = message
  switch (type) {
    case 'ready': return runId === null || isRunId(runId) ? { type, runId } : { type, runId: null }
    case 'stop': case 'forceStop': case 'resume': case 'discard': case 'openSettings': case 'dismissNotice': case 'dismissHint': case 'manageTrust': case 'showLog': case 'useRecipe': return { type }
    case 'browseModel': return message['what'] === 'file' ? { type, what: 'file' } : { type }
    case 'draft': {
      const refused = message['refused']
      return refused === null || typeof refused === 'string' ? { type, refused: refused?.slice(0, longestProblem) ?? null } : undefined
    }
    case 'recipe': case 'run': case 'runLive': case 'saveDefaults': {
      const recipe = asRecipe(message['recipe'])
      return recipe && { type, recipe }
    }
    case 'frameAck': {
      const row = message['row']
      return isRunId(runId) && isRow(row) ? { type, runId, row } : undefined
    }
    case 'frameRequest': {
      const { row, small } = message
      return isRunId(runId) && isRow(row) ? { type, runId, row, ...small === true ? { small } : {} } : undefined
    }
    case 'thumbnailRequest': case 'statesRequest': {
      const rows = message['rows']
      return isRunId(runId) && Array.isArray(rows) && rows.length <= rowsAtOnce && rows.every(isRow) ? { type, runId, rows } : undefined
    }
    case 'saveImage': {
      const { row, what } = message
      return isRunId(runId) && isRow(row) && (what === 'x' || what === 'x0') ? { type, runId, row, what } : undefined
    }
    case 'inspect': {
      const question = asQuestion(message['question'])
      return isRunId(runId) && question ? { type, runId, question } : undefined
    }
    case 'video': {
      const job = message['job']
      const answer = asVideoAnswer(message['answer'])
      return typeof job === 'number' && Number.isSafeInteger(job) && answer ? { type, job, answer } : undefined
    }
    case 'browseFile': {
      const field = message['field']
      return typeof field === 'string' && Object.hasOwn(fileFields, field) ? { type, field: field as FileField } : undefined
    }
    case 'command': {
      const command = pageCommands.find((name) => name === message['command'])
      return command && { type, command }
    }
    case 'copyText': {
      const { text, what } = message
      return isText(text) && isName(what) ? { type, text, what } : undefined
    }
    case 'saveText': {
      const { text, name } = message
      const kind = textKinds.find((one) => one === message['kind'])
      return isText(text) && isName(name) && kind ? { type, text, name, kind } : undefined
    }
    case 'openText': {
      const { text } = message
      const language = textLanguages.find((one) => one === message['language'])
      return isText(text) && language ? { type, text, language } : undefined
    }
    case 'remedy': return asRemedy(message['remedy'])
    case 'problem': return typeof message['text'] === 'string' ? { type, text: message['text'].slice(0, longestProblem) } : undefined
    default: return undefined
  }
}

function asRecipe(raw: unknown): Recipe | undefined {
  return recipes().recipeErrors(raw).length === 0 ? recipes().complete(raw as PartialRecipe) : undefined
}

function asRemedy(raw: unknown): FromPage | undefined {
  if (!isObject(raw) || typeof raw['title'] !== 'string') return undefined
  const { title, set, command } = raw
  if (isObject(set)) return { type: 'remedy', remedy: { title, set } }
  return typeof command === 'string' && Object.hasOwn(remedyCommands, command) ? { type: 'remedy', remedy: { title, command: command as RemedyCommand } } : undefined
}

/** Whether the place is one of the run's is looked at where it is read. */
function asQuestion(raw: unknown): Question | undefined {
  if (!isObject(raw)) return undefined
  const { of, row, from, item, place, region, tensors } = raw
  switch (of) {
    case 'pictures': return isRow(row) && Array.isArray(tensors) && tensors.every(isDerived) ? { of, row, tensors: tensors.slice(0, 2) } : undefined
    case 'pixel': return isRow(row) && isPlace(place) ? { of, row, place } : undefined
    case 'region': return isRow(row) && isRegion(region) ? { of, row, region } : undefined
    case 'course': return isRow(from) && isPlace(place) ? { of, from, place } : undefined
    case 'changes': return isRow(from) ? { of, from } : undefined
    case 'spectrum': return isRow(row) && isPixel(item) ? { of, row, item } : undefined
    default: return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= longestText
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= longestName
function asVideoAnswer(raw: unknown): VideoAnswer | undefined {
  if (!isObject(raw)) return undefined
  const { parts, failed, text } = raw
  if (failed === 'noEncoder') return { failed }
  if (failed === 'encoder') return typeof text === 'string' ? { failed, text: text.slice(0, longestProblem) } : undefined
  return Array.isArray(parts) && parts.every(isPart) ? { parts: parts.map(({ position, data }) => ({ position, data })) } : undefined
}

/** A file larger than this is no video of a trajectory, in bytes. */
const largestVideo = 2 ** 34
const isPart = (raw: unknown): raw is VideoPart => isObject(raw) && raw['data'] instanceof Uint8Array
  && typeof raw['position'] === 'number' && Number.isSafeInteger(raw['position']) && raw['position'] >= 0 && raw['position'] + raw['data'].length <= largestVideo

const isPlace = (raw: unknown): raw is PixelPlace => isObject(raw) && isPixel(raw['item']) && isPixel(raw['y']) && isPixel(raw['x'])
const isRegion = (raw: unknown): raw is Region => isObject(raw) && ['item', 'top', 'left', 'bottom', 'right'].every((name) => isPixel(raw[name]))
const isPixel = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_536

function isRow(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < mostRows
}
