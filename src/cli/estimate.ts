import { writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { makeFolder, whyNotWritten } from '../protocol/files'
import type { EngineOptions, Estimated } from '../protocol/engine'
import type { Recipe } from '../recipe/recipe'
import { parseSeed } from '../recipe/seed'
import { statisticText } from '../recipe/statistic'
import type { EngineClient } from '../run/engineClient'
import { DpmError } from '../sampler/errors'
import type { FlagValues } from './flags'
import { isFolder, quarters } from './longWork'
import { aligned, duration } from './words'

export interface EstimateOptions { model: Recipe['model']; engine: EngineOptions; images: string | null; levels: number; count: number; seed: string; out: string | null }

/** The options of `estimate` beside those that it shares with `sample`. */
export const estimateFlags: readonly (readonly [flags: string, description: string])[] = [
  ['--images <folder>', 'PNG files to estimate over; without it the model’s own samples.'],
  ['--levels <n>', 'How many noise levels, equally spaced in λ. (default: 24)'],
  ['--count <n>', 'How many images. (default: 256)'],
  ['--seed <value>', 'Seed of the noise and of the samples. (default: 0)'],
  ['--out <file>', 'File to write the statistic to: noise_statistic.json in a model’s folder is used by analyticDpm.'],
]

/** What the options ask for. Throws DpmError (`recipeInvalid`), for a `--set` too that has no part in it. */
export function estimateOptions(values: FlagValues, model: Recipe['model'], engine: EngineOptions): EstimateOptions {
  const text = (name: string): string | null => typeof values[name] === 'string' ? values[name] : null
  const whole = (name: string, usual: number, most: number): number => {
    const given = text(name) ?? String(usual)
    if (!/^[0-9]{1,9}$/.test(given) || Number(given) < 1 || Number(given) > most) throw wrong(`--${name} must be a whole number from 1 to ${most}, not “${given}”.`)
    return Number(given)
  }
  const idle = (Array.isArray(values['set']) ? values['set'] : []).map((assignment) => String(assignment).split('=')[0]!.trim()).find((path) => !path.startsWith('model.'))
  if (idle !== undefined) throw wrong(`--set ${idle} changes nothing here: an estimation has no field of a recipe but those of model.`)
  const [images, out] = [text('images'), text('out')]
  return {
    model, engine, images: images === null ? null : resolve(images), levels: whole('levels', 24, 10_000), count: whole('count', 256, 1_000_000), seed: parseSeed(text('seed') ?? '0').toString(), out: out === null ? null : resolve(out),
  }
}

/** Estimates, and writes the file where one is named. `statistic` is null where it was interrupted; nothing is written then. Throws DpmError. */
export async function estimateInto({ out, ...asked }: EstimateOptions, engine: EngineClient, remark: (text: string) => void, interrupted: AbortSignal): Promise<Estimated> {
  if (out !== null) refuseFolder(out)
  const progress = quarters(remark, 'evaluations')
  const estimated = await engine.estimate({ ...asked, estimateId: 'estimate' }, ({ evaluations, of }) => { progress(evaluations, of) }, interrupted)
  if (out !== null && estimated.statistic) {
    try {
      makeFolder(dirname(out))
      writeFileSync(out, statisticText(estimated.statistic))
    } catch (error) {
      throw new DpmError({ reason: 'outputFile', message: `${out} cannot be written: ${whyNotWritten(error)}.`, advice: 'Choose another file with --out, or free some space.' }, { cause: error })
    }
  }
  return estimated
}

/** What an estimation came to, for people: λ and E|ε̂|²/D of every level. */
export function estimatedText({ statistic, images, evaluations, ms }: Estimated, { images: folder, out }: EstimateOptions): string {
  const { lambda = [], meanSquare = [] } = statistic ?? {}
  return `${aligned([
    ['images', folder === null ? `${images} of the model’s own samples` : `${images} of ${folder}`], ['NFE', String(evaluations)], ['time', duration(ms)], ...(out === null ? [] : [['file', out] as const]),
  ])}\n${'λ'.padStart(8)}  E|ε̂|²/D\n${lambda.map((value, i) => `${value.toFixed(3).padStart(8)}  ${meanSquare[i]!.toPrecision(4)}\n`).join('')}`
}

function refuseFolder(out: string): void {
  if (!isFolder(out)) return
  throw wrong(`--out names the folder ${out}, and the statistic is one file.`)
}

function wrong(message: string): DpmError {
  return new DpmError({ reason: 'recipeInvalid', message, advice: '“dpm-solver estimate --help” lists the options and their values.' })
}
