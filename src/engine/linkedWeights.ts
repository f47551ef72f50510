import { constants, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { cacheFolder } from '../protocol/cacheFolder'
import { t } from '../sampler/text'
import { alive } from './alive'
import type { GraphFile } from './graphFile'
import { log } from './log'
import { choose } from './modelFolder'

/** What ONNX Runtime is to open instead of a graph whose weights it would refuse. */
export interface OpenedAs { path: string; externalData?: { path: string; data: Uint8Array }[] }

/** Above so many bytes of weights outside the file, they are used where they lie, mapped into memory; packed anew for the processor, they would take that memory a second time. */
const usedInPlace = 2 ** 30
/** Node.js and ONNX Runtime take no more than this as bytes. */
const mostBytes = 2 ** 31 - 1
const prefix = 'dpm-model-'

/** For a folder of links, on the file system where most models lie: what the host says, or the user's cache. Nothing is there but while a model loads. */
export function scratchFolder(): string { return process.env['DPM_SCRATCH'] || cacheFolder() }

/** Whether the weights of a graph are better not packed anew. */
export function weightsInPlace({ external, externalBytes }: GraphFile): boolean { return external.length > 0 && externalBytes >= usedInPlace }

/**
 * Calls `open` with the path of a graph that ONNX Runtime takes. It follows no link out of the graph's folder, and a Hugging Face cache is made of such: then graph and weights get a folder
 * of their own, of hard links; where these cannot be made, of copies (the log says so); and where there is no room for copies the weights are handed over as bytes, if they are few enough.
 * The folder is gone when `open` has resolved: by then ONNX Runtime has the files open. Throws DpmError.
 */
export async function withWeights<T>(graph: GraphFile, open: (as: OpenedAs) => Promise<T>, scratch = scratchFolder(), link = linkSync): Promise<T> {
  if (!graph.external.some(({ linked }) => linked)) return open({ path: graph.path })
  let folder: string | undefined
  let as: OpenedAs
  try {
    mkdirSync(scratch, { recursive: true })
    removeStale(scratch)
    folder = mkdtempSync(join(scratch, `${prefix}${process.pid}-`))
    as = { path: gather(graph, folder, link) }
  } catch (error) {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    folder = undefined
    as = { path: graph.path, externalData: readAll(graph, scratch, error) }
  }
  try { return await open(as) } finally {
    // On Windows a file in use stays; the next model's loading removes it.
    if (folder !== undefined) try { rmSync(folder, { recursive: true, force: true }) } catch { /* as said */ }
  }
}

/** Links or copies all files of a graph into a folder. Returns where the graph is there. */
function gather(graph: GraphFile, folder: string, link: typeof linkSync): string {
  const path = join(folder, external(graph, basename(graph.path)) ? 'graph.onnx' : basename(graph.path))
  let copied = 0
  for (const [from, to, bytes] of [[graph.path, path, 0] as const, ...graph.external.map((part) => [part.path, join(folder, part.location), part.bytes] as const)]) {
    mkdirSync(dirname(to), { recursive: true })
    if (existsSync(to)) continue
    try { link(from, to) } catch {
      // A copy shares its blocks with the original where the file system can.
      copyFileSync(from, to, constants.COPYFILE_FICLONE)
      copied += bytes
    }
  }
  if (copied > 0) log('warn', `${(copied / 1e6).toFixed(0)} MB of weights were copied to load ${graph.path}: they are links, and no hard links can be made to them in ${folder}`)
  return path
}

const external = (graph: GraphFile, name: string): boolean => graph.external.some(({ location }) => location === name)

function readAll({ external: parts, externalBytes, path: graph }: GraphFile, scratch: string, cause: unknown): { path: string; data: Uint8Array }[] {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
  const refused = (message: string, error: unknown): Error => choose('modelUnreadable', message, t('Make room there, or copy the model’s files into one folder instead of linking them.'), error)
  if (externalBytes > mostBytes) throw refused(t('The weights of {0} are links, and could neither be linked nor copied into {1} ({2}); with {3} GB they are too large to be read as a whole.', graph, scratch, why, (externalBytes / 1e9).toFixed(1)), cause)
  return parts.map(({ location, path }) => {
    try { return { path: location, data: readFileSync(path) } } catch (error) {
      throw refused(t('The weights of {0} are links, and could neither be linked nor copied into {1} ({2}) nor read ({3}).', graph, scratch, why, (error as NodeJS.ErrnoException).code ?? String(error)), error)
    }
  })
}

/** Folders of engines that ended while they loaded. */
function removeStale(scratch: string): void {
  for (const name of readdirSync(scratch)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || Number(pid) === process.pid || alive(Number(pid))) continue
    try { rmSync(join(scratch, name), { recursive: true, force: true }) } catch { /* another engine is at it, or it is in use */ }
  }
}
