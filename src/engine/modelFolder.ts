import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { bundledNames, defaultModel } from '../recipe/bundled'
import { readSchedulerConfig, type SchedulerFacts } from '../recipe/schedulerConfig'
import { statisticFile } from '../recipe/statistic'
import { DpmError, type ModelReason } from '../sampler/errors'
import { isStatistic, type NoiseStatistic } from '../sampler/methods/analyticDpm'
import { t } from '../sampler/text'

export type Json = Record<string, unknown>

/** Where a model's parts are and what its configuration files say; its graph has not been opened yet. */
export interface ModelFolder {
  /** As in `model.path` of the recipe: a bundled name or an absolute path. */
  path: string
  name: string
  kind: 'folder' | 'file'
  /** Absolute path of the ONNX graph, links not followed. */
  graph: string
  /** unet/config.json; empty where there is none. */
  network: Json
  /** model_index.json; empty where there is none. */
  index: Json
  /** config.json of the decoder of its latents, in vae/ or vae_decoder/; empty where there is none. */
  decoder: Json
  /** What scheduler_config.json says; null where there is none. */
  scheduler: SchedulerFacts | null
  /** What noise_statistic.json says; null where there is none, or none that can be used. */
  statistic: NoiseStatistic | null
  /** What was passed over, one sentence each. */
  notes: string[]
}

/**
 * Finds a model's files: a bundled name (empty: `digits`), a folder in diffusers' layout (unet/model.onnx, scheduler/scheduler_config.json,
 * model_index.json), a folder with just a graph, or an .onnx file, whose configuration is looked for beside it.
 * Throws DpmError `modelMissing`, `modelUnreadable` or `modelUnsupported`, naming the file.
 */
export function findModel(path: string, bundledFolder: string): ModelFolder {
  const { bundled, place } = placeOf(path, bundledFolder)
  const kind = kindOf(place)
  const graph = kind === 'file' ? place : graphIn(existsSync(join(place, 'unet')) ? join(place, 'unet') : place, place)
  return readAround(graph, bundled, place, kind)
}

/**
 * The same for a model whose graph is on a server: a folder without one will do, and where there is nothing at `path`, its last part is the model's name. `graph` is where it would be.
 * Throws DpmError for configuration files that cannot be read.
 */
export function remoteModel(path: string, bundledFolder: string): ModelFolder {
  const { bundled, place } = placeOf(path, bundledFolder)
  const kind = place.endsWith('.onnx') ? 'file' : 'folder'
  const graph = kind === 'file' ? place : join(existsSync(join(place, 'unet')) ? join(place, 'unet') : place, 'model.onnx')
  return readAround(graph, bundled, place, kind)
}

function placeOf(path: string, bundledFolder: string): { bundled: string | undefined; place: string } {
  const bundled = path === '' ? defaultModel : bundledNames.find((name) => name === path)
  return { bundled, place: bundled === undefined ? resolve(path) : join(bundledFolder, bundled) }
}

/** What the configuration files beside a graph say. */
function readAround(graph: string, bundled: string | undefined, place: string, kind: 'folder' | 'file'): ModelFolder {
  const beside = dirname(graph)
  const root = kind === 'folder' ? place : basename(beside) === 'unet' ? dirname(beside) : beside
  const schedulerFile = [join(root, 'scheduler', 'scheduler_config.json'), join(root, 'scheduler_config.json'), join(beside, 'scheduler_config.json')].find((file) => existsSync(file))
  const statisticAt = [join(root, statisticFile), join(beside, statisticFile)].find((file) => existsSync(file))
  return {
    path: bundled ?? place, name: bundled ?? nameOf(graph, root, kind), kind, graph,
    network: readJson(join(beside, 'config.json')), index: readJson(join(root, 'model_index.json')),
    decoder: readJson(['vae', 'vae_decoder'].map((part) => join(root, part, 'config.json')).find((file) => existsSync(file)) ?? ''),
    scheduler: schedulerFile === undefined ? null : readSchedulerConfig(readJson(schedulerFile), schedulerFile),
    ...(statisticAt === undefined ? { statistic: null, notes: [] } : readStatistic(statisticAt)),
  }
}

/** A statistic serves one algorithm of many: one that is broken is left out, and a note says so. */
function readStatistic(file: string): Pick<ModelFolder, 'statistic' | 'notes'> {
  try {
    const { lambda, meanSquare } = readJson(file)
    const statistic: unknown = { lambda, meanSquare }
    if (isStatistic(statistic) && statistic.meanSquare.every((value) => value >= 0)) return { statistic, notes: [] }
  } catch (error) {
    if (!(error instanceof DpmError)) throw error
  }
  return { statistic: null, notes: [t('{0} does not hold lambda and meanSquare, two lists of numbers of one length, and is not used.', file)] }
}

function kindOf(place: string): 'folder' | 'file' {
  try {
    return statSync(place).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw choose('modelMissing', t('There is no model at {0}.', place), t('Choose an .onnx file or a folder with unet/model.onnx.'), error)
    throw choose('modelUnreadable', t('{0} cannot be read ({1}).', place, code ?? String(error)), t('Check its permissions, or choose another model.'), error)
  }
}

/** The graph of a folder: model.onnx, or the only .onnx file. */
function graphIn(folder: string, place: string): string {
  const files = readdirSync(folder)
  const graphs = files.filter((file) => file.endsWith('.onnx'))
  if (graphs.includes('model.onnx')) return join(folder, 'model.onnx')
  if (graphs.length === 1) return join(folder, graphs[0]!)
  if (graphs.length > 1) throw choose('modelMissing', t('{0} has {1} ONNX files and none named model.onnx: {2}.', folder, graphs.length, graphs.join(', ')), t('Choose one of these files.'))
  const weights = files.find((file) => /\.(safetensors|bin|ckpt|pt|pth)$/.test(file))
  if (weights) throw choose('modelMissing', t('{0} has PyTorch weights ({1}) but no ONNX graph.', folder, weights), t('Export the model to ONNX first, for example with Optimum.'))
  throw choose('modelMissing', t('{0} has no ONNX graph: neither unet/model.onnx nor an .onnx file was found.', place), t('Choose an .onnx file or a folder with unet/model.onnx.'))
}

function nameOf(graph: string, root: string, kind: 'folder' | 'file'): string {
  const stem = basename(graph, extname(graph))
  return kind === 'folder' || stem === 'model' ? basename(root) : stem
}

/**
 * A JSON file as Python writes them, with the words Infinity, -Infinity and NaN as numbers; they become text here, which nothing reads.
 * Empty where there is no such file.
 */
function readJson(file: string): Json {
  if (!existsSync(file)) return {}
  try {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
    const parsed: unknown = JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (token) => token.startsWith('"') ? token : `"${token}"`))
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Json
    throw new SyntaxError(t('it holds no object'))
  } catch (error) {
    throw choose('modelUnreadable', t('{0} is not a readable JSON file: {1}.', file, error instanceof Error ? error.message : String(error)), t('Correct the file or copy it again.'), error)
  }
}

/** An error whose remedy is another model. */
export function choose(reason: ModelReason, message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({ reason, message, advice, field: 'model.path', remedy: { title: t('Select Model…'), command: 'selectModel' } }, { cause })
}
