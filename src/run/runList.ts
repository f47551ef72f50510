import { readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { progressText, spentMs } from '../protocol/progress'
import { memoryFile } from '../protocol/run'
import type { Recipe } from '../recipe/recipe'
import { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { longestName, nameFile } from './givenName'
import { pinFile } from './pins'
import { whyNotResumed } from './resume'
import { openRun, runFolders, type StoredRun } from './store'
import { isUseMark } from './useMarks'

/** What a run writes into its folder. */
export const recordedFiles: ReadonlySet<string> = new Set(['run.json', 'run.json.part', 'events.jsonl', 'states.f32', memoryFile, `${memoryFile}.part`])
/** What a recording consists of, unless it is pinned. A folder with anything else in it is somebody's own. */
export const ownFiles: ReadonlySet<string> = new Set([...recordedFiles, nameFile])

/** What lists show of a recorded run: little, since there may be many. */
export interface ListedRun extends Pick<StoredRun, 'folder' | 'outcome' | 'name'> {
  id: string
  pinned: boolean
  created: string
  model: string
  recipe: Recipe
  /** Milliseconds from the first evaluation to the end, as far as it came. */
  ms: number
  /** How many rows are recorded, and how far that is. */
  rows: number
  progress: string
  /** It was stopped, or its engine exited, and it can be gone on with. */
  resumable: boolean
}

/** The recorded runs below a folder, newest first. What did not change on disk is not read again. */
export class RunList {
  private readonly known = new Map<string, { stamp: string; listed: ListedRun }>()

  /** Runs that cannot be read are left out. */
  async read(root: string): Promise<ListedRun[]> {
    const folders = await runFolders(root)
    for (const folder of this.known.keys()) if (!folders.includes(folder)) this.known.delete(folder)
    return (await Promise.all(folders.map((folder) => this.readOne(folder)))).filter((listed) => listed !== undefined)
  }

  private async readOne(folder: string): Promise<ListedRun | undefined> {
    try {
      const names = await readdir(folder)
      const changes = await Promise.all(['events.jsonl', nameFile].filter((name) => names.includes(name)).map((name) => stat(join(folder, name))))
      const stamp = [...changes.map(({ mtimeMs, size }) => `${mtimeMs}/${size}`), names.includes(pinFile)].join(' ')
      const known = this.known.get(folder)
      if (known?.stamp === stamp) return known.listed
      const stored = await openRun(folder)
      const { document, rows, end, outcome, name } = stored
      const refused = await whyNotResumed(stored)
      const listed: ListedRun = {
        id: basename(folder), folder, outcome, name, pinned: names.includes(pinFile), created: document.created, model: document.model.name, recipe: document.recipe,
        ms: end?.ms ?? spentMs(rows), rows: rows.length, progress: progressText({ document, rows }), resumable: refused === null,
      }
      if (refused?.againMs === undefined) this.known.set(folder, { stamp, listed })
      return listed
    } catch {
      return undefined // being written, being removed, or damaged
    }
  }
}

/** Gives a run a name; an empty one takes it away. Throws DpmError (`runFolder`). */
export async function renameRun(folder: string, name: string): Promise<void> {
  await changing(folder, t('could not be named'), () => name.trim() === '' ? rm(join(folder, nameFile), { force: true }) : writeFile(join(folder, nameFile), `${name.trim().slice(0, longestName)}\n`))
}

/** Removes a recording, and its folder unless something else is in it. Throws DpmError (`runFolder`). */
export async function deleteRun(folder: string): Promise<void> {
  await changing(folder, t('could not be deleted'), async () => {
    const marks = (await readdir(folder).catch((): string[] => [])).filter(isUseMark)
    for (const name of [...ownFiles, pinFile, ...marks]) await rm(join(folder, name), { force: true })
    await rmdir(folder).catch((error: unknown) => { if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error })
  })
}

/** Does something to a run's folder; `what` is what could not be done, such as “could not be named”. Throws DpmError (`runFolder`). */
export async function changing(folder: string, what: string, action: () => Promise<void>): Promise<void> {
  try { await action() } catch (error) {
    throw new DpmError({ reason: 'runFolder', message: t('The run in {0} {1}: {2}.', folder, what, error instanceof Error ? error.message : String(error)), advice: t('Check who may write there.') }, { cause: error })
  }
}
