import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { unzipSync } from 'fflate'
import { csv } from '../../../src/formats/csv'
import { npyHeader } from '../../../src/formats/npy'
import { npzBytes, type NpzArray } from '../../../src/formats/npz'
import { readSafetensorsHeader, safetensorsHeader } from '../../../src/formats/safetensors'

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer)
async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return new Uint8Array(Buffer.concat(all))
}
const reader = (file: Uint8Array) => (from: number, length: number): Promise<Uint8Array> => Promise.resolve(file.slice(from, from + length))

suite('arrays in files of other programs', () => {
  test('.npy: magic, version, a length that aligns the values to 64 bytes, and NumPy’s own words', () => {
    for (const shape of [[], [3], [2, 0, 5], [1000, 64, 1, 28, 28]]) {
      const header = npyHeader('<f4', shape)
      assert.equal(header.length % 64, 0)
      assert.deepEqual([...header.subarray(0, 8)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
      assert.equal(header[8]! + 256 * header[9]!, header.length - 10)
      const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
      assert.match(new TextDecoder().decode(header.subarray(10)), new RegExp(`^\\{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple.replace(/[()]/g, '\\$&')}, \\} *\\n$`))
    }
    assert.throws(() => npyHeader('<f8', [-1]), RangeError)
  })

  test('.npz: each array is an entry, its chunks one after the other; the same arrays give the same bytes', async () => {
    const x = Float32Array.from({ length: 12 }, (_, i) => i / 3)
    const arrays = (): NpzArray[] => [
      { name: 'x', type: '<f4', shape: [3, 4], chunks: [bytesOf(x).subarray(0, 16), bytesOf(x).subarray(16)] },
      { name: 'n', type: '|u1', shape: [2], chunks: [Uint8Array.of(7, 8)] },
    ]
    const file = await joined(npzBytes(arrays()))
    const entries = unzipSync(file)
    assert.deepEqual(Object.keys(entries), ['x.npy', 'n.npy'])
    const header = npyHeader('<f4', [3, 4])
    assert.deepEqual(entries['x.npy']!.subarray(0, header.length), header)
    assert.deepEqual(new Float32Array(entries['x.npy']!.slice(header.length).buffer), x)
    assert.deepEqual(await joined(npzBytes(arrays())), file)
  })

  test('.npz: an array that is not as long as its shape says is refused', async () => {
    await assert.rejects(joined(npzBytes([{ name: 'x', type: '<f4', shape: [3], chunks: [new Uint8Array(8)] }])), /x has 8 bytes instead of 12/)
  })

  test('safetensors: what was written is read, the data is aligned to 8 bytes', async () => {
    const tensors = { states: { dtype: 'F32', shape: [2, 3], offsets: [0, 24] }, kinds: { dtype: 'U8', shape: [5], offsets: [24, 29] } } as const
    for (const metadata of [{}, { format: 'a', text: 'λ "quoted"\nand more' }]) {
      const header = safetensorsHeader(tensors, metadata)
      assert.equal(header.length % 8, 0)
      const read = await readSafetensorsHeader(reader(header), header.length + 29)
      assert.deepEqual(read, { tensors, metadata, dataOffset: header.length })
    }
  })

  test('safetensors: whatever is none, or was cut short, is said to be', async () => {
    const header = safetensorsHeader({ states: { dtype: 'F32', shape: [2], offsets: [0, 8] } }, {})
    const with_ = (json: string): Uint8Array => {
      const text = new TextEncoder().encode(json)
      const bytes = new Uint8Array(8 + text.length)
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
      bytes.set(text, 8)
      return bytes
    }
    const cases: [Uint8Array, number, RegExp][] = [
      [new Uint8Array(3), 3, /too short/], [new Uint8Array(64).fill(255), 64, /no safetensors file/], [header.subarray(0, 20), 20, /no safetensors file, or was cut short/], [header, header.length + 7, /cut short/],
      [with_('nonsense'), 16, /not JSON/], [with_('{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}'), 99, /tensor a is not described/],
      [with_('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}'), 99, /has 8 bytes instead of 4/], [with_('{"__metadata__":{"a":1}}'), 99, /metadata/],
    ]
    for (const [bytes, size, says] of cases) await assert.rejects(readSafetensorsHeader(reader(bytes), size), says)
  })

  test('CSV: quoted where it must be, numbers in full', () => {
    assert.equal(csv(['a', 'b"c', 'd,e'], [[1 / 3, null, 'x\ny'], [Infinity, NaN, -Infinity]]), 'a,"b""c","d,e"\r\n0.3333333333333333,,"x\ny"\r\ninf,nan,-inf\r\n')
  })
})
