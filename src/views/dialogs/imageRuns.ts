import * as vscode from 'vscode'
import { isObject } from '../../recipe/path'
import { whyNoPictures } from '../../recipe/pictures'
import type { RunSummary } from '../../run/runner'
import type { Session } from '../../run/session'
import { t } from '../../sampler/text'
import { pickFile } from '../filePicker'

/** What a run does with an image, as the recipe's `input` fields say it (and `solver.steps`, how many levels it is noised over). */
type Fields = Readonly<Record<string, unknown>>

interface Choice extends vscode.QuickPickItem { fields: Fields }

/** As many levels as can be told apart when they are scrubbed; all of them are up to the caller. */
const levels = { 'solver.steps': 50 }

const ways: readonly Choice[] = [
  { label: t('Fade Into One Noise'), detail: t('q(x_t | x₀) at every level with the same noise'), fields: { ...levels, 'input.task': 'noise', 'input.way': 'direct' } },
  { label: t('Markov Chain of DDPM'), detail: t('Every level from the one before, with noise of its own'), fields: { ...levels, 'input.task': 'noise', 'input.way': 'chain' } },
  { label: t('Forward SDE'), detail: t('The stochastic differential equation by Euler–Maruyama'), fields: { ...levels, 'input.task': 'noise', 'input.way': 'sde' } },
]
const encodings: readonly Choice[] = [
  { label: t('Encode and Decode'), detail: t('Back to the noise the image comes from, and to the image again'), fields: { 'input.task': 'reconstruct' } },
  { label: t('Encode'), detail: t('Back to the noise the image comes from'), fields: { 'input.task': 'encode' } },
]

/** The image of a run and further recipe fields, by dotted path; what is left out the user is asked. */
export interface ImageRunArguments { image?: string; set?: Fields }

/** The arguments of a caller, or the file of a menu; what is neither is passed over. */
export function imageRunArguments(given: unknown): ImageRunArguments {
  if (given instanceof vscode.Uri) return given.scheme === 'file' && given.path.toLowerCase().endsWith('.png') ? { image: given.fsPath } : {}
  if (!isObject(given)) return {}
  const { image, set } = given
  return { ...typeof image === 'string' ? { image } : {}, ...isObject(set) ? { set } : {} }
}

/** One run that noises an image, with the recipe of the form for the rest, which stays as it is. Undefined where the user gave up or it was refused. */
export function noiseImage(session: Session, given: ImageRunArguments): Promise<RunSummary | undefined> {
  return imageRun(session, given, t('Noise an Image'), ways)
}

/** One run that follows an image back to its noise, and by choice to the image again. */
export function encodeImage(session: Session, given: ImageRunArguments): Promise<RunSummary | undefined> {
  return imageRun(session, given, t('Encode an Image'), encodings)
}

async function imageRun(session: Session, { image, set }: ImageRunArguments, title: string, choices: readonly Choice[]): Promise<RunSummary | undefined> {
  const { model } = session.state
  const none = model.status === 'ready' && set === undefined ? whyNoPictures(model.facts) : null
  if (none !== null) { // before anything is asked
    session.report({ reason: 'recipeInvalid', message: none, advice: t('Choose a model of images.'), remedy: { title: t('Select Model…'), command: 'selectModel' } })
    return undefined
  }
  const file = image ?? await pickFile('input.image', session.state.recipe, title)
  if (file === undefined) return undefined
  const chosen = set ?? (await vscode.window.showQuickPick(choices, { title, placeHolder: t('How'), matchOnDetail: true }))?.fields
  return chosen && session.generate({ set: { 'input.mask': '', 'schedule.tStart': 'auto', ...chosen, 'input.image': file } })
}
