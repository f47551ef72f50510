import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import * as vscode from 'vscode'
import { isBundled } from '../../recipe/bundled'
import { isObject } from '../../recipe/path'
import { statisticFile, statisticText } from '../../recipe/statistic'
import type { Session } from '../../run/session'
import { untrusted } from '../../run/trust'
import { DpmError } from '../../sampler/errors'
import type { NoiseStatistic } from '../../sampler/methods/analyticDpm'
import { t } from '../../sampler/text'
import { say } from '../say'

/** Over which images, and what becomes of the statistic; what is left out the user is asked. */
export interface EstimateArguments { /** A folder; null: the model's own samples. */ images?: string | null; count?: number; levels?: number; then?: Then }
/** Into the recipe, beside the model, or into a file. */
type Then = 'use' | 'beside' | vscode.Uri

/** Enough for an error of about a percent with the images of a small model; more of both only costs time. */
const usual = { count: 256, levels: 24 }

/** The arguments that a caller of the command gave; what is none of them is passed over. */
export function askedFor(given: unknown): EstimateArguments {
  if (!isObject(given) || given instanceof vscode.Uri) return {}
  const { images, count, levels, then } = given
  const whole = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0
  return {
    ...images === null || typeof images === 'string' ? { images } : {}, ...whole(count) ? { count } : {}, ...whole(levels) ? { levels } : {},
    ...then === 'use' || then === 'beside' || then instanceof vscode.Uri ? { then } : {},
  }
}

/**
 * Estimates the variance that Analytic-DPM needs to know of the recipe's model, with progress that can be cancelled, and puts it where the user wants it. Resolves to the
 * statistic, or undefined where the user gave up. Throws DpmError.
 */
export async function estimateVariance(session: Session, show: () => void, { then, ...asked }: EstimateArguments): Promise<NoiseStatistic | undefined> {
  if (!session.state.trusted) throw untrusted()
  const images = asked.images === undefined ? await pickImages() : asked.images
  if (images === undefined) return undefined
  const { path } = session.state.recipe.model
  const name = session.state.models.find((model) => model.path === path)?.label ?? path
  const estimated = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Estimating the variance of {0}', name), cancellable: true }, async (progress, token) => {
    const stopped = new AbortController()
    token.onCancellationRequested(() => { stopped.abort() })
    let shown = 0
    return session.estimate({ ...usual, ...asked, images }, ({ evaluations, of }) => {
      const percent = Math.floor(100 * evaluations / of)
      if (percent === shown) return
      progress.report({ increment: percent - shown, message: t('evaluation {0} of {1}', evaluations, of) })
      shown = percent
    }, stopped.signal)
  })
  const { statistic } = estimated
  if (!statistic) return undefined
  const beside = besideModel(path)
  const where = then ?? await pickPlace(t('The variance of {0} was estimated over {1} images at {2} levels.', name, estimated.images, statistic.lambda.length), beside)
  if (where === 'use') use(session, path, statistic, show)
  else if (where === 'beside') await write(session, beside, statistic)
  else if (where) await writeFile(where, statistic)
  return statistic
}

async function pickImages(): Promise<string | null | undefined> {
  const own = { label: t('The Model’s Own Samples'), detail: t('Draws 256 images first'), folder: false }
  const folder = { label: t('A Folder of Images…'), detail: t('PNG files like those the model was trained on; scaled to its size'), folder: true }
  const picked = await vscode.window.showQuickPick([own, folder], { title: t('Estimate Variance'), placeHolder: t('Images to estimate over') })
  if (!picked?.folder) return picked && null
  const chosen = await vscode.window.showOpenDialog({ title: t('Select a Folder of PNG Files'), openLabel: t('Estimate'), canSelectFiles: false, canSelectFolders: true })
  return chosen?.[0]?.fsPath
}

async function pickPlace(message: string, beside: string | undefined): Promise<Then | undefined> {
  const [use, withModel, saveAs] = [t('Use It'), t('Save With the Model'), t('Save As…')]
  const chosen = await vscode.window.showInformationMessage(message, use, ...beside === undefined ? [] : [withModel], saveAs)
  if (chosen === use) return 'use'
  if (chosen === withModel) return 'beside'
  return chosen === saveAs ? vscode.window.showSaveDialog({ title: t('Save Statistic'), filters: { JSON: ['json'] } }) : undefined
}

/** Unless another model was chosen meanwhile. */
function use(session: Session, path: string, statistic: NoiseStatistic, show: () => void): void {
  const { model, solver } = session.state.recipe
  if (model.path !== path) {
    throw new DpmError({ reason: 'recipeInvalid', field: 'model.path', message: t('Another model was chosen before the estimation was over.'), advice: t('Estimate the variance of that one.'), remedy: { title: t('Estimate Variance…'), command: 'estimateVariance' } })
  }
  const options = solver.algorithm === 'analyticDpm' ? solver.options : {}
  session.edit({ 'solver.algorithm': 'analyticDpm', 'solver.options': { ...options, statistic: { ...statistic, model: path } } })
  show()
}

function write(session: Session, file: string | undefined, statistic: NoiseStatistic): Promise<void> {
  if (file === undefined) {
    throw new DpmError({ reason: 'outputFile', message: t('The statistic cannot be kept beside this model.'), advice: t('Use it, or save it to a file.') })
  }
  return writeFile(vscode.Uri.file(file), statistic).then(() => { session.refresh() })
}

async function writeFile(file: vscode.Uri, statistic: NoiseStatistic): Promise<void> {
  try {
    await vscode.workspace.fs.writeFile(file, Buffer.from(statisticText(statistic)))
  } catch (error) {
    throw new DpmError({ reason: 'outputFile', message: t('The statistic could not be written to {0}: {1}', file.fsPath, error instanceof Error ? error.message : String(error)), advice: t('Choose another folder and save again.') }, { cause: error })
  }
  say(t('Saved {0}', vscode.workspace.asRelativePath(file)))
}

/** The file beside a model where its statistic is looked for; undefined for bundled models, where nothing may be written, and where other models lie beside it. */
function besideModel(path: string): string | undefined {
  if (isBundled(path)) return undefined
  try {
    const folder = statSync(path).isDirectory()
    const place = folder ? path : dirname(path)
    if (!folder && readdirSync(place).filter((name) => extname(name) === '.onnx').length > 1) return undefined
    accessSync(place, constants.W_OK)
    return join(place, statisticFile)
  } catch {
    return undefined
  }
}
