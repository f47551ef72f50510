import { t } from '../sampler/text'

/** A tensor of a safetensors file; `offsets` are of its bytes, counted from the end of the header. */
export interface SafeTensor { dtype: 'F32' | 'F64' | 'I32' | 'U8'; shape: readonly number[]; offsets: readonly [begin: number, end: number] }
export interface SafeTensorsHeader { tensors: Readonly<Record<string, SafeTensor>>; metadata: Readonly<Record<string, string>>; /** Where the tensors' bytes begin in the file. */ dataOffset: number }

/** A header longer than this is refused by every reader. Source: the format's own limit, 100 MB. */
export const longestHeader = 100_000_000
const alignment = 8
const widths = { F32: 4, F64: 8, I32: 4, U8: 1 }

/**
 * The bytes before the tensors of a safetensors file: its length (8 bytes, little-endian), then JSON, padded with spaces so that the
 * tensors are aligned. Source: the format's description (huggingface/safetensors). Throws RangeError where it is too long for readers.
 */
export function safetensorsHeader(tensors: SafeTensorsHeader['tensors'], metadata: SafeTensorsHeader['metadata']): Uint8Array {
  const json = { __metadata__: metadata, ...Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape, offsets }]) => [name, { dtype, shape, data_offsets: offsets }])) }
  const text = new TextEncoder().encode(JSON.stringify(json))
  const length = Math.ceil(text.length / alignment) * alignment
  if (length > longestHeader) throw new RangeError(`a header of ${length} bytes, of ${longestHeader} at most`)
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(text, 8)
  return bytes
}

/**
 * Reads the header of a safetensors file. `read(from, length)` gives that many bytes of the file, or fewer at its end; `size` is the file's.
 * Throws RangeError, saying in a few words what is wrong, where the file is none or was cut short.
 */
export async function readSafetensorsHeader(read: (from: number, length: number) => Promise<Uint8Array>, size: number): Promise<SafeTensorsHeader> {
  const start = await read(0, 8)
  if (start.length < 8) throw new RangeError(t('it is too short to be a safetensors file'))
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true))
  if (length < 2 || length > longestHeader || 8 + length > size) throw new RangeError(t('it is no safetensors file, or was cut short'))
  let json: unknown
  try { json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await read(8, length))) } catch { throw new RangeError(t('its header is not JSON')) }
  if (typeof json !== 'object' || json === null) throw new RangeError(t('its header is no object'))
  const { __metadata__: metadata = {}, ...described } = json as Record<string, unknown>
  const dataOffset = 8 + length
  const tensors = Object.fromEntries(Object.entries(described).map(([name, tensor]) => [name, checked(name, tensor, size - dataOffset)]))
  if (typeof metadata !== 'object' || metadata === null || Object.values(metadata).some((value) => typeof value !== 'string')) throw new RangeError(t('its metadata are not texts'))
  return { tensors, metadata: metadata as Record<string, string>, dataOffset }
}

function checked(name: string, raw: unknown, available: number): SafeTensor {
  const { dtype, shape, data_offsets: offsets } = (raw ?? {}) as Record<string, unknown>
  const natural = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  if (typeof dtype !== 'string' || !Object.hasOwn(widths, dtype) || !Array.isArray(shape) || !shape.every(natural) || !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural)) {
    throw new RangeError(t('the tensor {0} is not described as one', name))
  }
  const [begin, end] = offsets as [number, number]
  const bytes = (shape).reduce((product, n) => product * n, widths[dtype as SafeTensor['dtype']])
  if (end - begin !== bytes) throw new RangeError(t('the tensor {0} has {1} bytes instead of {2}', name, end - begin, bytes))
  if (end > available) throw new RangeError(t('it was cut short'))
  return { dtype: dtype as SafeTensor['dtype'], shape: shape, offsets: [begin, end] }
}
