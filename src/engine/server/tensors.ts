import { t } from '../../sampler/text'
import { fromHalf } from '../float16'
import { saidIn } from './failures'
import type { Answer } from './http'

export type Encoding = 'binary' | 'json'
/** A tensor as the protocol names it: datatype FP32, FP16, FP64, INT64, INT32; values in row-major order. */
export interface Wire { name: string; datatype: string; shape: number[]; data: Values }
type Values = Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array

/** Our name of each datatype that a tensor may have; float16 travels as bits. */
export const typeOf: Readonly<Record<string, string>> = { FP32: 'float32', FP16: 'float16', FP64: 'float64', INT64: 'int64', INT32: 'int32' }
/** The protocol's name of one of our types. */
export function datatypeOf(type: string): string {
  return Object.entries(typeOf).find(([, ours]) => ours === type)?.[0] ?? type.toUpperCase()
}

const bytesOf: Readonly<Record<string, number>> = { FP32: 4, FP16: 2, FP64: 8 }

/** Header of the bytes before the first tensor. It counts bytes, not characters. */
const headerLength = 'inference-header-content-length'

/** Body and headers of a request for one output. */
export function encodeRequest(id: string, inputs: readonly Wire[], output: string, encoding: Encoding): { headers: Record<string, string>; body: Buffer } {
  const binary = encoding === 'binary'
  const bytes = binary ? inputs.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)) : []
  const head = Buffer.from(JSON.stringify({
    id,
    inputs: inputs.map(({ name, shape, datatype, data }, k) => ({
      name, shape, datatype, ...(binary ? { parameters: { binary_data_size: bytes[k]!.length } } : { data: numbersOf(datatype, data) }),
    })),
    outputs: [{ name: output, parameters: { binary_data: binary } }],
  }))
  return {
    // Some servers take JSON only with the type said, and what is not JSON only with another.
    headers: binary ? { 'Content-Type': 'application/octet-stream', 'Inference-Header-Content-Length': String(head.length) } : { 'Content-Type': 'application/json' },
    body: Buffer.concat([head, ...bytes]),
  }
}

function numbersOf(datatype: string, data: Values): number[] {
  return Array.from<number | bigint, number>(datatype === 'FP16' ? fromHalf(data as Uint16Array) : data, Number)
}

/**
 * Values of an answer's output, float32 or the bits of float16, by what came and not by what was asked for: tensors in bytes exactly where the header says how long the JSON
 * before them is. What is null or NaN in JSON is NaN.
 * @param shape as it has to be; undefined entries may be anything
 * Throws Error with words to follow “The server”, in the present tense.
 */
export function decodeAnswer({ headers, body }: Answer, output: string, datatype: string, shape: readonly (number | undefined)[]): Float32Array | Uint16Array {
  const stated = headers[headerLength]
  const length = stated === undefined ? body.length : Number(stated)
  if (!Number.isInteger(length) || length < 0 || length > body.length) throw new Error(t('says that its JSON has {0} bytes, in an answer of {1}', String(stated), body.length))
  const text = body.subarray(0, length).toString('utf8')
  const outputs = outputsIn(text)
  let at = length
  let found: Float32Array | Uint16Array | undefined
  for (const given of outputs) {
    const size = given.parameters?.binary_data_size
    const bytes = size === undefined || stated === undefined ? undefined : sliced(body, at, size)
    at += bytes?.length ?? 0
    if (given.name === output) found = valuesOf(given, bytes, datatype, shape)
  }
  if (!found) throw new Error(t('gives {0}, and not {1}', outputs.map(({ name }) => String(name)).join(', ') || t('nothing'), output))
  if (at !== body.length) throw new Error(t('sends {0} bytes more than its answer says', body.length - at))
  return found
}

interface Given { name?: unknown; datatype?: unknown; shape?: unknown; data?: unknown; parameters?: { binary_data_size?: unknown } | null }

function outputsIn(text: string): Given[] {
  const said = saidIn(text)
  if (said !== undefined) throw new Error(t('answers with an error: {0}', said.slice(0, 200).replace(/[.:\s]+$/, '')))
  let value: unknown
  try { value = JSON.parse(text) } catch {
    // Bare NaN and Infinity are no JSON, but servers write them.
    const repaired = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g, (token) => token.startsWith('"') ? token : 'null')
    try { value = JSON.parse(repaired) } catch (error) { throw new Error(t('answers with what is no JSON'), { cause: error }) }
  }
  const { outputs } = (value ?? {}) as { outputs?: unknown }
  if (!Array.isArray(outputs) || !outputs.every((one) => typeof one === 'object' && one !== null)) throw new Error(t('answers without outputs'))
  return outputs as Given[]
}

function sliced(body: Buffer, at: number, size: unknown): Buffer {
  if (!Number.isInteger(size) || (size as number) < 0) throw new Error(t('gives binary_data_size as {0}', JSON.stringify(size)))
  if (at + (size as number) > body.length) throw new Error(t('sends {0} bytes of a tensor that has {1}', body.length - at, String(size)))
  return body.subarray(at, at + (size as number))
}

function valuesOf({ name, datatype, shape, data }: Given, bytes: Buffer | undefined, wanted: string, dims: readonly (number | undefined)[]): Float32Array | Uint16Array {
  const fits = Array.isArray(shape) && shape.length === dims.length && shape.every((size: unknown, axis) => Number.isInteger(size) && (dims[axis] === undefined || dims[axis] === size))
  if (!fits) throw new Error(t('gives {0} in the shape {1}, where [{2}] is due', String(name), JSON.stringify(shape), dims.map((size) => size ?? '?').join(',')))
  if (datatype !== wanted) throw new Error(t('gives {0} as {1}, and its metadata says {2}', String(name), JSON.stringify(datatype), wanted))
  const count = (shape as number[]).reduce((product, size) => product * size, 1)
  if (bytes) {
    const size = count * (bytesOf[wanted] ?? 0)
    if (bytes.length !== size) throw new Error(t('sends {0} bytes of {1}, which has {2}', bytes.length, String(name), size))
    // Where the tensor begins is no multiple of its elements' size: a copy begins at 0.
    const own = new Uint8Array(bytes).buffer
    return wanted === 'FP16' ? new Uint16Array(own) : wanted === 'FP64' ? Float32Array.from(new Float64Array(own)) : new Float32Array(own)
  }
  const numbers: unknown[] = Array.isArray(data) ? data.flat(Infinity) : []
  if (numbers.length !== count) throw new Error(t('gives {0} values of {1}, which has {2}', numbers.length, String(name), count))
  const odd = numbers.find((value) => typeof value !== 'number' && value !== null)
  if (odd !== undefined) throw new Error(t('gives {0} among the values of {1}', JSON.stringify(odd).slice(0, 40), String(name)))
  return Float32Array.from(numbers as (number | null)[], (value) => value ?? NaN)
}
