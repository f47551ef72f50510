import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { encodePng } from '../formats/png'
import { spaceOfRun } from '../protocol/latentSpace'
import { makeFolder, whyNotWritten } from '../protocol/files'
import type { Recipe } from '../recipe/recipe'
import { sheetPixels } from '../render/contactSheet'
import { shown } from '../render/latents'
import { isPlane, itemPixels } from '../render/pixels'
import { nameBy, usualFileName } from '../run/imageName'
import { plotOf } from '../run/plot'
import { pngTexts, type Metadata } from '../run/pngText'
import { readState, type StoredRun } from '../run/store'
import { DpmError } from '../sampler/errors'
import type { Plan } from '../sampler/types'

/** Files written for a run, absolute paths. */
export interface Written { images: string[]; contactSheet: string | null }

/**
 * Makes a new folder `<out>/<date>-<model>-<task>-<algorithm>-<steps>-<seed>` for a run, without what it does not have, and with a number after it where that name is taken, so
 * that no earlier run is touched. Throws DpmError (`outputFile`).
 */
export function reserveFolder(out: string, recipe: Recipe, plan: Plan, modelName: string, now: Date): string {
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, '0'))
  const name = nameBy(usualFileName, { date: `${date.slice(0, 3).join('')}-${date.slice(3).join('')}`, model: modelName, recipe, plan })
  const root = resolve(out)
  try {
    makeFolder(root)
    for (let n = 1; ; n++) {
      const folder = join(root, n === 1 ? name : `${name}-${n}`)
      try {
        mkdirSync(folder)
        return folder
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
  } catch (error) {
    throw cannotWrite(root, error)
  }
}

/** Takes a reserved folder away again where nothing came of the run. */
export function releaseFolder(folder: string): void {
  try { if (readdirSync(folder).length === 0) rmdirSync(folder) } catch { /* It is not ours to insist. */ }
}

/**
 * Writes one PNG for each batch item and a contact sheet, from the run's last row: the state x of a finished run, the estimate x̂₀ of one
 * that was stopped on the way. Of a run in the plane, one picture of all its points. Nothing where no row was recorded. Throws DpmError (`outputFile`, `runFolder`).
 */
export async function writeImages(run: StoredRun, metadata: Metadata): Promise<Written> {
  const last = run.rows.at(-1)
  if (!last) return { images: [], contactSheet: null }
  const { seeds } = run.document
  const finished = run.outcome === 'finished'
  const what = finished ? 'x' : 'x0'
  const space = spaceOfRun(run.document, 'auto')
  const texts = (item: number | null): Record<string, string> => pngTexts(run.document, last, what, metadata, { item, space })
  if (isPlane(run.document.shape)) return { images: [save(run.folder, 'points.png', encodePng(await plotOf(run, run.rows, what), texts(null)))], contactSheet: null }
  const state = await readState(run, last, what)
  // A run may end with noise: an image that was encoded.
  const { values, shape } = shown(state, run.document.shape, space, finished ? [last.level] : undefined)
  const digits = String(shape[0] - 1).length
  const images = seeds.map((seed, k) => save(run.folder, `${String(k).padStart(digits, '0')}-seed-${seed}.png`, encodePng(itemPixels(values, shape, k), texts(k))))
  return { images, contactSheet: save(run.folder, 'contact-sheet.png', encodePng(sheetPixels(values, shape), texts(null))) }
}

function save(folder: string, name: string, bytes: Uint8Array): string {
  const file = join(folder, name)
  try {
    writeFileSync(file, bytes)
  } catch (error) {
    throw cannotWrite(file, error)
  }
  return file
}

function cannotWrite(what: string, error: unknown): DpmError {
  return new DpmError({ reason: 'outputFile', message: `${what} cannot be written: ${whyNotWritten(error)}.`, advice: 'Choose another folder with --out, or free some space.' }, { cause: error })
}
