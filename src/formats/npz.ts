import { Zip, ZipPassThrough } from 'fflate'
import { npyHeader, type NpyType } from './npy'

/** One array of an .npz file. The chunks are its values, row-major and little-endian, together as long as `shape` and `type` say. */
export interface NpzArray { name: string; type: NpyType; shape: readonly number[]; chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }

/** Zip files count bytes with 32 bits (Zip64 is not written). */
export const largestNpz = 2 ** 32 - 1

/** The bytes of an .npz file, piece by piece, as numpy.load reads it: arrays stored, not compressed (float noise does not shrink). Throws RangeError where an array's chunks are not what its shape says. */
export async function* npzBytes(arrays: Iterable<NpzArray>): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = []
  const zip = new Zip((error, piece) => {
    if (error) throw error
    pieces.push(piece)
  })
  const taken = (): Uint8Array[] => pieces.splice(0)
  for (const { name, type, shape, chunks } of arrays) {
    const file = new ZipPassThrough(`${name}.npy`)
    file.mtime = new Date(1980, 0, 1) // the same run gives the same bytes
    zip.add(file)
    file.push(npyHeader(type, shape))
    const size = shape.reduce((product, n) => product * n, Number(type.slice(2)))
    let done = 0
    for await (const chunk of chunks) {
      done += chunk.length
      file.push(chunk)
      yield* taken()
    }
    if (done !== size) throw new RangeError(`${name} has ${done} bytes instead of ${size}`)
    file.push(new Uint8Array(0), true)
  }
  zip.end()
  yield* taken()
}
