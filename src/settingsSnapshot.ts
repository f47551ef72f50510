import { homedir } from 'node:os'
import { isAbsolute, relative, sep } from 'node:path'
import type { HostSettingKey } from './manifest'
import { providers, type EngineOptions, type Provider } from './protocol/engine'
import { tensors, type Tensor } from './protocol/inspect'
import { keeps, usualKeep, type Keep, type KeepRule } from './protocol/keptRows'
import { previewMethods, type PreviewMethod } from './protocol/run'
import { settingTitle } from './recipe/settingTitle'
import { usualPreview, type PreviewChoice } from './protocol/view'
import { isBundled } from './recipe/bundled'
import { recipes } from './recipe/door'
import { fields } from './recipe/fields'
import { getPath, isObject, setPath } from './recipe/path'
import type { Recipe } from './recipe/recipe'
import { absolutePath } from './run/filePaths'
import { isTemplate, placeholderNames, usualFileName } from './run/imageName'
import type { Metadata } from './run/pngText'
import type { ErrorReport } from './sampler/errors'
import { t } from './sampler/text'

export type SeedMode = 'random' | 'fixed' | 'increment'

/** What settings.json says, checked and complete. Frozen: a change makes a new one. */
export interface Settings {
  /** The recipe of a run where the form says nothing else. Paths are absolute; the seed is `random` or `seed.value`, by `seed.mode`. */
  recipe: Recipe
  seedMode: SeedMode
  preview: { every: number; maxSize: number; remoteMaxSize: number; openOnRun: 'beside' | 'active' | 'never' } & PreviewChoice
  /** Absolute, or empty: the workspace storage. */
  recordFolder: string
  /** Recordings beyond these are removed, the oldest first. */
  record: { keepRuns: number; maxDiskMB: number }
  /** Which rows of a run keep their states. */
  keep: KeepRule
  /** Absolute. */
  outputFolder: string
  /** Template of the names that files of runs are offered by, and get. */
  fileName: string
  /** Whether the images of each run that finishes are saved in outputFolder. */
  autoSave: boolean
  /** Absolute paths of folders whose models the Models view lists. */
  searchFolders: readonly string[]
  /** What PNG files keep of how they were made. */
  metadata: Metadata
  engine: EngineOptions
  /** How the engine process is started. Absolute paths, or empty. */
  launch: { nodePath: string; libraryPath: string }
  killAfterSeconds: number
  /** Minutes without use after which the engine is ended; 0: never. */
  idleMinutes: number
  trace: boolean
}

/** One sentence for each value that was not usable; the default stands in its place. */
export interface SettingsSnapshot { settings: Readonly<Settings>; problems: ErrorReport[] }

interface Check<T> { fallback: T; allowed: string; accepts: (value: unknown) => boolean }
const choice = <T extends string>(fallback: T, ...others: T[]): Check<T> => {
  const all: string[] = [fallback, ...others]
  return { fallback, allowed: t('one of {0}', all.join(', ')), accepts: (value) => typeof value === 'string' && all.includes(value) }
}
const integer = (fallback: number, least: number, most = Number.MAX_SAFE_INTEGER): Check<number> => ({
  fallback, allowed: most === Number.MAX_SAFE_INTEGER ? t('a whole number of at least {0}', least) : t('a whole number from {0} to {1}', least, most),
  accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
})
const flag = (fallback: boolean): Check<boolean> => ({ fallback, allowed: t('true or false'), accepts: (value) => typeof value === 'boolean' })
const text = (fallback: string): Check<string> => ({ fallback, allowed: t('a text'), accepts: (value) => typeof value === 'string' })

/** The settings that are no recipe field: default and range of each, as package.json states them. */
const checks = {
  'seed.mode': choice<SeedMode>('random', 'fixed', 'increment'),
  'preview.every': integer(1, 1),
  'preview.method': choice<PreviewMethod>(...previewMethods),
  'preview.maxSize': integer(256, 16, 2048),
  'preview.remoteMaxSize': integer(128, 16, 2048),
  'preview.show': {
    fallback: [...usualPreview.show], allowed: t('a list of different ones of {0}', tensors.join(', ')),
    accepts: (value: unknown) => Array.isArray(value) && value.length > 0 && new Set(value).size === value.length && value.every((one) => tensors.some((tensor) => tensor === one)),
  } satisfies Check<Tensor[]>,
  // What each key can do, and which keys cannot be others, the page knows.
  'preview.keys': {
    fallback: usualPreview.keys, allowed: t('an object with one key for each name'), accepts: (value: unknown) => isObject(value) && Object.values(value).every((key) => typeof key === 'string' && key !== ''),
  } satisfies Check<PreviewChoice['keys']>,
  'preview.openOnRun': choice<Settings['preview']['openOnRun']>('beside', 'active', 'never'),
  'record.keep': choice<Keep>(...keeps),
  'record.every': integer(usualKeep.every, 1),
  'record.folder': text(''),
  'record.keepRuns': integer(50, 1),
  'record.maxDiskMB': integer(2048, 1),
  'output.folder': text('${workspaceFolder}/samples'),
  'output.fileName': { fallback: usualFileName, allowed: t('a text with no other placeholders than {0}', placeholderNames.map((name) => `\${${name}}`).join(', ')), accepts: isTemplate } satisfies Check<string>,
  'output.autoSave': flag(false),
  'model.searchFolders': {
    fallback: ['${workspaceFolder}/models'], allowed: t('a list of folders'), accepts: (value: unknown) => Array.isArray(value) && value.every((path) => typeof path === 'string'),
  } satisfies Check<string[]>,
  'output.metadata': choice<Metadata>('full', 'parameters', 'none'),
  'engine.provider': choice<Provider>(...providers),
  'engine.deviceId': integer(0, 0, 255),
  // Which there are, and their values, the engine says: it depends on the provider.
  'engine.providerOptions': { fallback: {}, allowed: t('an object'), accepts: isObject } as Check<Record<string, unknown>>,
  'engine.intraOpThreads': integer(0, 0, 512),
  // What is wrong with an address the engine says: it may hold a password, and what is refused here is quoted.
  'engine.server': text(''),
  'engine.nodePath': text(''),
  'engine.libraryPath': text(''),
  'engine.idleMinutes': {
    fallback: 10, allowed: t('a number from 0 to 10080'), accepts: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 10080,
  } satisfies Check<number>,
  'engine.killAfterSeconds': {
    fallback: 5, allowed: t('a number from 0 to 3600'), accepts: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 3600,
  } satisfies Check<number>,
  'log.trace': flag(false),
} satisfies Record<HostSettingKey, Check<unknown>>
type Values = { [K in HostSettingKey]: (typeof checks)[K]['fallback'] }

/**
 * Reads all settings through `get` (key without the section). A value that is not usable is named in `problems` and its default taken.
 * `folder` is the absolute path of the workspace folder that relative paths and `${workspaceFolder}` refer to, if one is open.
 */
export function readSettings(get: (key: string) => unknown, folder: string | undefined): SettingsSnapshot {
  const problems: ErrorReport[] = []
  const read = <K extends HostSettingKey>(key: K): Values[K] => {
    const value = get(key)
    const { accepts, allowed, fallback }: Check<unknown> = checks[key]
    if (value !== undefined && accepts(value)) return value as Values[K]
    if (value !== undefined) problems.push(problem(key, allowed, value, fallback))
    return fallback as Values[K]
  }
  const seedMode = read('seed.mode')
  const settings: Settings = {
    recipe: readRecipe(get, seedMode, folder, problems),
    seedMode,
    preview: { every: read('preview.every'), maxSize: read('preview.maxSize'), remoteMaxSize: read('preview.remoteMaxSize'), openOnRun: read('preview.openOnRun'), show: read('preview.show'), keys: read('preview.keys'), method: read('preview.method') },
    recordFolder: absolutePath(read('record.folder'), folder),
    record: { keepRuns: read('record.keepRuns'), maxDiskMB: read('record.maxDiskMB') },
    keep: { keep: read('record.keep'), every: read('record.every') },
    outputFolder: absolutePath(read('output.folder'), folder) || homedir(),
    fileName: read('output.fileName'),
    autoSave: read('output.autoSave'),
    searchFolders: read('model.searchFolders').map((path) => absolutePath(path, folder)).filter((path) => path !== ''),
    metadata: read('output.metadata'),
    engine: { provider: read('engine.provider'), deviceId: read('engine.deviceId'), providerOptions: read('engine.providerOptions'), intraOpThreads: read('engine.intraOpThreads'), server: read('engine.server').trim() },
    launch: { nodePath: wholePath(read('engine.nodePath'), folder), libraryPath: wholePath(read('engine.libraryPath'), folder) },
    killAfterSeconds: read('engine.killAfterSeconds'),
    idleMinutes: read('engine.idleMinutes'),
    trace: read('log.trace'),
  }
  return { settings: deepFreeze(settings), problems }
}

function readRecipe(get: (key: string) => unknown, seedMode: SeedMode, folder: string | undefined, problems: ErrorReport[]): Recipe {
  const { defaultRecipe, recipeErrors } = recipes()
  let recipe = setPath(defaultRecipe(), 'noise.seed', 0) // the default of seed.value
  for (const { path, setting } of fields) {
    const given = setting === null ? undefined : get(setting)
    if (setting === null || given === undefined || (path === 'model.path' && given === '')) continue
    // The word random is said by seed.mode; here it would be a second way to say the same.
    const allowed = path === 'noise.seed' && given === 'random' ? t('a seed') : undefined
    const [error] = recipeErrors(setPath({}, path, given))
    if (allowed !== undefined) problems.push(problem(setting, allowed, given, 0))
    else if (error) problems.push({ ...problem(setting, '', given, getPath(recipe, path)), message: error.message.replace(path, `“${settingTitle(setting)}”`) })
    else recipe = setPath(recipe, path, path === 'model.path' ? modelPath(given as string, folder) : given)
  }
  return seedMode === 'random' ? setPath(recipe, 'noise.seed', 'random') : recipe
}

export const openSettingsRemedy = { title: t('Open Settings'), command: 'openSettings' } as const

function problem(key: string, allowed: string, value: unknown, fallback: unknown): ErrorReport {
  return {
    reason: 'recipeInvalid', message: t('“{0}” must be {1}, not {2}.', settingTitle(key), allowed, JSON.stringify(value)?.slice(0, 60)),
    advice: t('The default {0} is used until the setting is corrected.', JSON.stringify(fallback)), remedy: openSettingsRemedy,
  }
}

/** Bundled models go by name; anything else is a path. */
function modelPath(value: string, folder: string | undefined): string {
  return isBundled(value) ? value : absolutePath(value, folder) || value
}

/** What stays relative where no folder is open is refused where it is used. */
const wholePath = (value: string, folder: string | undefined): string => absolutePath(value.trim(), folder) || value.trim()

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

/**
 * The setting values that make `recipe` the default, where `current` is what the settings say now: only those that differ.
 * A path inside `folder` is written relative to it, so that the workspace can be moved.
 */
export function changedSettings(recipe: Recipe, current: Readonly<Settings>, folder: string | undefined): { key: string; value: unknown }[] {
  const changes: { key: string; value: unknown }[] = []
  for (const { path, setting } of fields) {
    if (setting === null) continue
    const value = getPath(recipe, path)
    if (JSON.stringify(value) === JSON.stringify(getPath(current.recipe, path))) continue
    if (path === 'noise.seed') {
      if (value === 'random') { changes.push({ key: 'seed.mode', value: 'random' }); continue }
      if (current.seedMode === 'random') changes.push({ key: 'seed.mode', value: 'fixed' })
    }
    changes.push({ key: setting, value: path === 'model.path' ? portable(value as string, folder) : value })
  }
  return changes
}

function portable(path: string, folder: string | undefined): string {
  if (folder === undefined || !isAbsolute(path)) return path
  const inside = relative(folder, path)
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : `\${workspaceFolder}/${inside.split(sep).join('/')}`
}

