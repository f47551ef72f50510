import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, readSync, openSync, closeSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell } from './cells'
import type { Plan } from '../../src/sampler/types'
import { recordSize } from './judge'

/** What has been computed, sample after sample, in a folder that is not kept with the source: a run that was cut off, or one of fewer samples, is continued. */
export class Samples {
  /**
   * @param stamp what beside the cell and its plan decides its samples: both models and the runtime
   * @param planOf the plan of a cell: where the sampler makes another one now, what was drawn by the old one is not taken for its samples
   */
  constructor(private readonly folder: string, private readonly stamp: string, private readonly planOf: (cell: Cell) => Plan) { mkdirSync(folder, { recursive: true }) }

  /** How many samples of a cell are there; a part of one that an interruption left is dropped. */
  count(cell: Cell, images?: number): number {
    const records = whole(this.path(cell, 'records'), 4 * recordSize)
    return images === undefined ? records : Math.min(records, whole(this.path(cell, 'images'), 4 * images))
  }

  /** Adds samples after those that are there. */
  append(cell: Cell, at: number, records: Float32Array, images?: Float32Array): void {
    if (images) put(this.path(cell, 'images'), 4 * at * (images.length / (records.length / recordSize)), images)
    put(this.path(cell, 'records'), 4 * at * recordSize, records)
  }

  /** Records of the first `count` samples. */
  records(cell: Cell, count: number): Float32Array { return floats(this.path(cell, 'records'), 0, count * recordSize) }

  path(cell: Cell, what: 'records' | 'images'): string {
    return join(this.folder, `${createHash('sha256').update(JSON.stringify([this.stamp, cell.guidance, this.planOf(cell)])).digest('hex').slice(0, 16)}.${what}.f32`)
  }
}

/** `length` float32 values of a file from value `first` on. */
export function floats(path: string, first: number, length: number): Float32Array {
  const out = new Float32Array(length)
  const file = openSync(path, 'r')
  try {
    const read = readSync(file, out, 0, out.byteLength, 4 * first)
    if (read !== out.byteLength) throw new RangeError(`${path} ends after ${read} of ${out.byteLength} bytes`)
  } finally {
    closeSync(file)
  }
  return out
}

const whole = (path: string, unit: number): number => existsSync(path) ? Math.floor(statSync(path).size / unit) : 0

function put(path: string, at: number, values: Float32Array): void {
  const there = existsSync(path) ? statSync(path).size : 0
  if (there < at) throw new RangeError(`${path} has lost samples: do not run it twice at the same time`)
  if (there > at) truncateSync(path, at)
  appendFileSync(path, Buffer.from(values.buffer, values.byteOffset, values.byteLength))
}

/** A file’s SHA-256, hexadecimal. */
export const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
