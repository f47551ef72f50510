import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FramePair } from '../../../src/protocol/run'
import { LivePictures } from '../../../src/views/livePictures'

const none = new Uint8Array()
const pair = (row: number): FramePair => ({ row, width: 1, height: 1, x: none, x0: none })

function page(): { sent: number[]; pictures: LivePictures; reached: { yes: boolean } } {
  const [sent, reached]: [number[], { yes: boolean }] = [[], { yes: true }]
  return { sent, reached, pictures: new LivePictures(({ row }) => { if (reached.yes) sent.push(row); return reached.yes }) }
}

test('one pair is under way at a time, and the next is the newest', () => {
  const { sent, pictures } = page()
  for (let row = 0; row < 4; row++) pictures.offer(pair(row))
  assert.deepEqual(sent, [0])
  pictures.over()
  assert.deepEqual(sent, [0, 3])
  pictures.over()
  pictures.offer(pair(4))
  assert.deepEqual(sent, [0, 3, 4])
})

test('a page that cannot be reached, or starts again, is sent the next pair that comes', () => {
  const { sent, pictures, reached } = page()
  reached.yes = false
  pictures.offer(pair(0))
  reached.yes = true
  pictures.offer(pair(1))
  pictures.offer(pair(2))
  pictures.forget()
  pictures.offer(pair(3))
  assert.deepEqual(sent, [1, 3])
})
