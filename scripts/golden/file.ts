import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Plain data of a golden file's header or of one case. Read through the functions below, which say what is missing. */
export type Data = Readonly<Record<string, unknown>>

export interface GoldenFile { name: string; kind: string; check: Data; header: Data; cases: readonly Data[] }

/** Something about the folder or a file that makes running it pointless: one sentence. */
export class GoldenError extends Error {}

/**
 * All golden files of a folder, by name.
 * @throws GoldenError where the folder or a file in it cannot be read as such
 */
export function readFolder(folder: string): GoldenFile[] {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
  } catch {
    throw new GoldenError(`There is no folder ${folder}.`)
  }
  if (names.length === 0) throw new GoldenError(`The folder ${folder} holds no golden files (*.json).`)
  return names.map((name) => readFile(join(folder, name)))
}

/** A file of measurements, whose rows are figures to stand beside. */
export function readMeasurement(path: string): Data {
  if (!existsSync(path)) throw new GoldenError(`There is no file ${path}.`)
  const { kind, name, header } = readFile(path)
  if (kind !== 'measurement') throw new GoldenError(`${name} holds no measurements.`)
  return header
}

function readFile(path: string): GoldenFile {
  const name = basename(path)
  let header: unknown
  try {
    header = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new GoldenError(`${name} cannot be read as JSON: ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error)}.`)
  }
  if (!isData(header) || typeof header['kind'] !== 'string') throw new GoldenError(`${name} is not a golden file: it has no “kind”.`)
  const { kind, check = {}, cases = [] } = header
  if (kind === 'measurement') return { name, kind, check: {}, header, cases: [] }
  if (!isData(check)) throw new GoldenError(`${name} is not a golden file: its “check” is not an object.`)
  if (!('cases' in header) || !Array.isArray(cases) || !cases.every(isData)) throw new GoldenError(`${name} is not a golden file: it has no list of “cases”.`)
  return { name, kind, check, header, cases }
}

export const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value)

export function data(from: Data, key: string): Data {
  const value = from[key]
  if (!isData(value)) throw new TypeError(`“${key}” is not an object`)
  return value
}

export function text(from: Data, key: string): string {
  const value = from[key]
  if (typeof value !== 'string') throw new TypeError(`“${key}” is not a text`)
  return value
}

export function number(from: Data, key: string): number {
  const value = asNumber(from[key])
  if (value === undefined) throw new TypeError(`“${key}” is not a number`)
  return value
}

/** A number, or undefined where the key is missing or null. */
export const optionalNumber = (from: Data, key: string): number | undefined => from[key] === undefined || from[key] === null ? undefined : number(from, key)

/** A list of numbers, nested or not, flattened in row-major order. "NaN", "Infinity" and "-Infinity" stand for themselves. */
export function numbers(from: Data, key: string): number[] {
  const flat = (value: unknown): number[] => {
    if (Array.isArray(value)) return value.flatMap(flat)
    const number = asNumber(value)
    if (number === undefined) throw new TypeError(`“${key}” is not a list of numbers`)
    return [number]
  }
  return flat(from[key])
}

/** A list of objects. */
export function list(from: Data, key: string): Data[] {
  const value = from[key]
  if (!Array.isArray(value) || !value.every(isData)) throw new TypeError(`“${key}” is not a list of objects`)
  return value
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}
