import { basename } from 'node:path'
import type { EngineOptions } from '../protocol/engine'
import type { KeepRule } from '../protocol/keptRows'
import type { EndEvent } from '../protocol/run'
import type { ModelFacts } from '../recipe/model'
import { setPath } from '../recipe/path'
import { prepare, refuseIdleGuidance } from '../recipe/prepare'
import type { Recipe } from '../recipe/recipe'
import { drawSeed } from '../recipe/seed'
import type { EngineClient } from '../run/engineClient'
import { openRun, type StoredRun } from '../run/store'
import { DpmError } from '../sampler/errors'
import type { Metadata } from '../run/pngText'
import { releaseFolder, reserveFolder, writeImages, type Written } from './output'
import type { Progress } from './progress'

export interface SampleOptions { recipe: Recipe; engine: EngineOptions; keep: KeepRule; out: string; metadata: Metadata }
export interface Sampled extends Written { run: StoredRun; end: EndEvent }

/**
 * Draws one batch: prepares the recipe on the model's facts, so that what cannot be is refused before anything is written, runs it into a
 * new folder below `out` and writes its images there. `interrupted` stops before the next evaluation; what is done is kept.
 * Throws DpmError; where rows had been recorded, its advice says how many are kept and where.
 */
export async function sampleInto({ recipe, engine: options, keep, out, metadata }: SampleOptions, engine: EngineClient, progress: Progress, interrupted: AbortSignal): Promise<Sampled> {
  const seeded = recipe.noise.seed === 'random' ? setPath(recipe, 'noise.seed', drawSeed()) : recipe
  let begun = false
  let folder = ''
  const stop = (): void => { void (begun ? engine.stop(basename(folder)) : engine.kill()).catch(() => {}) }
  interrupted.addEventListener('abort', stop, { once: true })
  try {
    const facts = await inspect(seeded.model.path, options, engine, progress)
    interrupted.throwIfAborted()
    const prepared = prepare(seeded, facts)
    refuseIdleGuidance(seeded, prepared)
    folder = reserveFolder(out, seeded, prepared.plan, facts.name, new Date())
    const end = await engine.run({ runId: basename(folder), recipe: seeded, folder, preview: null, engine: options, keep }, {
      began: ({ document }) => { begun = true; progress.begin(document) },
      rows: ({ rows }) => { for (const row of rows) progress.row(row) },
    })
    if (end.error) throw new DpmError(end.error)
    const run = await openRun(folder)
    return { run, end, ...await writeImages(run, metadata) }
  } catch (error) {
    throw await withKept(error, folder)
  } finally {
    interrupted.removeEventListener('abort', stop)
    progress.end()
    if (folder !== '') releaseFolder(folder)
  }
}

/** What is known of the model. That it takes a while is said after a second. */
async function inspect(path: string, options: EngineOptions, engine: EngineClient, progress: Progress): Promise<ModelFacts> {
  const slow = setTimeout(() => { progress.loading(path) }, 1000)
  try {
    return (await engine.inspect(path, options)).facts
  } finally {
    clearTimeout(slow)
  }
}

/** The error, with what of the run is kept in its advice. */
async function withKept(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof DpmError) || folder === '') return error
  const rows = await openRun(folder).then((run) => run.rows.length, () => 0)
  return rows === 0 ? error : new DpmError({ ...error.report(), advice: `${error.advice} What was recorded until then (${rows === 1 ? '1 row' : `${rows} rows`}) is kept in ${folder}.` }, { cause: error })
}
