/** Element types of arrays that are written, by NumPy's names; all little-endian. */
export type NpyType = '<f4' | '<f8' | '<i4' | '|u1'

const alignment = 64

/**
 * The bytes before the values of a .npy file (format version 1.0): row-major, padded with spaces to a multiple of 64 bytes.
 * Source: numpy.lib.format. Throws RangeError for a shape that is none.
 */
export function npyHeader(type: NpyType, shape: readonly number[]): Uint8Array {
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0)) throw new RangeError(`${shape.join('×')} is no shape`)
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`
  const magic = 10
  const length = Math.ceil((magic + dictionary.length + 1) / alignment) * alignment
  const bytes = new Uint8Array(length).fill(0x20)
  bytes.set([0x93, ...[...'NUMPY'].map((letter) => letter.charCodeAt(0)), 1, 0, (length - magic) & 255, (length - magic) >> 8])
  bytes.set(new TextEncoder().encode(dictionary), magic)
  bytes[length - 1] = 0x0a
  return bytes
}
