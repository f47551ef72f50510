import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { decode, decodeApng } from 'fast-png'
import { Apng, type Picture } from '../../../src/formats/apng'
import { Gif } from '../../../src/formats/gif'

function apng(all: readonly Picture[], ms: readonly number[], text: Record<string, string> = {}): Uint8Array {
  const animation = new Apng(text)
  for (const [i, one] of all.entries()) animation.add(one, ms[i]!)
  return animation.bytes()
}

const picture = (shift: number): Picture => ({ width: 5, height: 3, rgba: Uint8Array.from({ length: 60 }, (_, i) => i % 4 === 3 ? 255 : (i * 17 + shift * 31) % 256) })
const pictures = [0, 1, 2, 3].map(picture)

suite('animations', () => {
  test('APNG: every picture comes back pixel for pixel, for as long as it was to be shown', () => {
    const { frames, width, height } = decodeApng(apng(pictures, [100, 125, 100, 2000]))
    assert.deepEqual([width, height, frames.length], [5, 3, 4])
    for (const [i, frame] of frames.entries()) assert.deepEqual(new Uint8Array(frame.data), pictures[i]!.rgba, `picture ${i}`)
    assert.deepEqual(frames.map(({ delayNumber, delayDenominator }) => 1000 * delayNumber / delayDenominator), [100, 125, 100, 2000])
  })

  test('APNG: what does not know animations finds the first picture, and the texts', () => {
    const { data, text } = decode(apng(pictures, [1, 1, 1, 1], { parameters: 'Steps: 4' }))
    assert.deepEqual(new Uint8Array(data), pictures[0]!.rgba)
    assert.deepEqual(text, { parameters: 'Steps: 4' })
  })

  test('APNG of no picture, or of pictures of several sizes, is refused', () => {
    assert.throws(() => apng([], []), RangeError)
    assert.throws(() => apng([picture(0), { width: 1, height: 1, rgba: new Uint8Array(4) }], [1, 1]), RangeError)
  })

  test('GIF: as many pictures as were added, of their size, played for ever', () => {
    const gif = new Gif()
    for (const one of pictures) gif.add(one, 100)
    const bytes = Buffer.from(gif.bytes())
    assert.equal(bytes.toString('latin1', 0, 6), 'GIF89a')
    assert.deepEqual([bytes.readUInt16LE(6), bytes.readUInt16LE(8)], [5, 3])
    assert.equal(bytes.toString('latin1').split('NETSCAPE2.0').length - 1, 1)
    const control = Buffer.from([0x21, 0xf9, 4])
    let count = 0
    for (let at = bytes.indexOf(control); at >= 0; at = bytes.indexOf(control, at + 3)) {
      count++
      assert.equal(bytes.readUInt16LE(at + 4), 10, 'hundredths of a second')
    }
    assert.equal(count, pictures.length)
    assert.equal(bytes.at(-1), 0x3b)
  })
})
