import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { exportsOfRuns } from '../run/exports/door'
import { exportKinds, isExportKind, type ExportKindName } from '../run/exports/kinds'
import { settledRun } from '../run/exports/settled'
import { openRecording } from '../run/recording'
import { keptRows, openRun } from '../run/store'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import type { FlagValues } from './flags'
import { isFolder, quarters } from './longWork'
import { metadataFlag, metadataOf } from './metadata'

/** A video is encoded by a browser. */
const kinds = Object.keys(exportKinds).filter((kind) => kind !== 'webm').join(', ')

/** The options of `export`. */
export const exportFlags: readonly (readonly [flags: string, description: string])[] = [
  ['--run <folder>', 'Run folder, or a .dpmrun file.'],
  ['--as <form>', `What it becomes. Values: ${kinds}.`],
  ['--out <path>', 'File to write; with pngSequence the folder to make.'],
  metadataFlag,
]

/** Saves a recorded run in another form; resolves to where, or null where it was interrupted. Throws DpmError. */
export async function exportInto(values: FlagValues, remark: (text: string) => void, interrupted: AbortSignal): Promise<{ file: string; form: ExportKindName; rows: number } | null> {
  const { run: path, as: form, out } = values
  for (const [name, value] of Object.entries({ run: path, as: form, out })) if (typeof value !== 'string') throw wrong(`export needs --${name}.`)
  if (!isExportKind(form)) throw wrong(`--as must be one of ${kinds}, not “${String(form)}”.`)
  if (form === 'webm') throw new DpmError({ reason: 'recipeInvalid', message: t('WebM is encoded by the preview page, in VS Code.'), advice: t('Use --as apng or --as gif, or export there.') })
  const source = resolve(String(path))
  const file = resolve(String(out))
  const run = existsSync(source) && statSync(source).isFile() ? await openRecording(source) : await openRun(source)
  if (exportKinds[form].extension !== null && isFolder(file)) throw wrong(`--out names the folder ${file}, and ${form} is one file.`)
  const rows = form === 'csv' ? run.rows.length : keptRows(await settledRun(run)).length
  const done = await exportsOfRuns().exportRun(run, form, file, { metadata: metadataOf(values), method: 'auto', signal: interrupted, progress: quarters(remark, 'steps') })
  return done ? { file, form, rows } : null
}

function wrong(message: string): DpmError {
  return new DpmError({ reason: 'recipeInvalid', message, advice: '“dpm-solver export --help” lists the options and their values.' })
}
