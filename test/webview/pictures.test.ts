// The frames that the page keeps, and what is cut out of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smallFrame } from '../../src/protocol/view'
import { cellOf, emptySheet, sheetLayout } from '../../src/render/contactSheet'
import type { StateShape } from '../../src/render/pixels'
import type { Frame } from '../../webview/state'
import { thumbnailOf, withFrame } from '../../webview/pictures'

/** A frame at full size in which every item has a grey of its own, opaque. */
function frameOf(row: number, shape: StateShape): Frame {
  const layout = sheetLayout(shape)
  const { width, height, rgba } = emptySheet(layout)
  for (let item = 0; item < shape[0]; item++) {
    const { left, top, width: wide, height: high } = cellOf(layout, item)
    for (let y = top; y < top + high; y++) rgba.fill(100 + item, 4 * (y * width + left), 4 * (y * width + left + wide))
  }
  return { row, width, height, x: rgba, x0: rgba, full: true }
}

for (const [shape, count] of [[[25, 3, 64, 64], 25], [[49, 3, 32, 32], 45], [[3, 1, 128, 200], 60]] satisfies [StateShape, number][]) {
  test(`each item is cut wholly and alone out of frames that were made small for room: ${shape.join(' × ')}`, () => {
    let frames: ReadonlyMap<number, Frame> = new Map()
    for (let row = 0; row < count; row++) frames = withFrame(frames, frameOf(row, shape), shape)
    const small = [...frames.values()].filter(({ width, height }) => Math.max(width, height) <= smallFrame)
    assert.equal(frames.size, count)
    assert.ok(small.length > 0 && small.length < count, `${small.length} of ${count}`)
    const { columns, rows } = sheetLayout(shape)
    for (const frame of small) {
      assert.deepEqual([frame.width % columns, frame.height % rows], [0, 0], 'cells of whole pixels')
      for (let item = 0; item < shape[0]; item++) {
        const seen = new Set(thumbnailOf(frame, columns, rows, 'x0', item).rgba)
        if (shape[2] !== shape[3]) seen.delete(0) // beside a picture that is not square
        assert.deepEqual([...seen], [100 + item], `row ${frame.row}, item ${item}`)
      }
    }
  })
}
