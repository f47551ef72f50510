import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensorsHeader, safetensorsHeader } from '../formats/safetensors'
import { parseJson, stringifyJson } from '../protocol/json'
import { memoryFile } from '../protocol/run'
import type { LoopMemory } from '../sampler/memory'

const formatName = 'dpm-solver-memory'

/** Writes what a stopped run remembers into its folder: a safetensors file of the tensors, whose metadata say the rest. Throws what the system says. */
export function writeMemory(folder: string, { tensors, ...rest }: LoopMemory): void {
  let bytes = 0
  const described = Object.fromEntries(Object.entries(tensors).map(([name, { length }]) => {
    const begin = bytes
    bytes += Float32Array.BYTES_PER_ELEMENT * length
    return [name, { dtype: 'F32' as const, shape: [length], offsets: [begin, bytes] as const }]
  }))
  const header = safetensorsHeader(described, { format: formatName, version: '1', rows: String(rest.rows), loop: stringifyJson(rest) })
  const file = join(folder, memoryFile)
  try {
    writeFileSync(`${file}.part`, Buffer.concat([header, ...Object.values(tensors).map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))]))
    renameSync(`${file}.part`, file)
  } catch (error) {
    rmSync(`${file}.part`, { force: true })
    throw error
  }
}

/** Reads it back; undefined where there is none, or none that can be read. */
export async function readMemory(folder: string): Promise<LoopMemory | undefined> {
  try {
    const bytes = readFileSync(join(folder, memoryFile))
    const { tensors, metadata, dataOffset } = await readSafetensorsHeader((from, length) => Promise.resolve(bytes.subarray(from, from + length)), bytes.length)
    if (metadata['format'] !== formatName || metadata['version'] !== '1') return undefined
    const loop = parseJson(metadata['loop'] ?? '') as Omit<LoopMemory, 'tensors'>
    if (!Number.isSafeInteger(loop.rows) || !Number.isSafeInteger(loop.evaluations)) return undefined
    const valuesOf = ([begin, end]: readonly [number, number]): Float32Array => new Float32Array(Uint8Array.from(bytes.subarray(dataOffset + begin, dataOffset + end)).buffer)
    return { ...loop, tensors: Object.fromEntries(Object.entries(tensors).map(([name, { offsets }]) => [name, valuesOf(offsets)])) }
  } catch {
    return undefined
  }
}

/** Removes it. */
export function forgetMemory(folder: string): void {
  rmSync(join(folder, memoryFile), { force: true })
}
