import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ToPage } from '../../../src/protocol/view'
import { DpmError } from '../../../src/sampler/errors'
import { PageVideo } from '../../../src/views/pageVideo'

type Order = Extract<ToPage, { type: 'video' }>

/** A page that hears what it is told. */
function pageOf(ready = true): { video: PageVideo; told: Order[]; shown: () => number; page: { ready: boolean } } {
  const page = { ready }
  const told: Order[] = []
  let shows = 0
  const video = new PageVideo({ show: () => { shows++ }, ready: () => page.ready, post: (message) => { if (page.ready) told.push(message as Order); return page.ready } })
  return { video, told, shown: () => shows, page }
}

const signal = (): AbortSignal => new AbortController().signal
const parts = [{ position: 3, data: Uint8Array.of(1, 2) }]
/** Lets what is under way go on until it waits. */
const settle = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })
const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error)
function told(error: unknown): string {
  assert.ok(error instanceof DpmError && error.reason === 'outputFile')
  return error.message
}

suite('videos that a page encodes', () => {
  test('an order is given when the page is there, and resolves to what the page answers', async () => {
    const { video, told, shown, page } = pageOf(false)
    const encoding = video.open(signal())
    const begun = encoding.begin(32, 16)
    await settle()
    assert.deepEqual([told, shown()], [[], 1])
    page.ready = true
    video.arrived()
    await settle()
    assert.deepEqual(told, [{ type: 'video', job: 1, order: { to: 'begin', width: 32, height: 16 } }])
    video.answered(1, { parts: [] })
    assert.deepEqual(await begun, [])
    const added = encoding.add(new Uint8Array(4), 125)
    video.answered(1, { parts })
    assert.deepEqual(await added, parts)
    const ended = encoding.end()
    video.answered(1, { parts: [] })
    await ended
    encoding.close()
    assert.deepEqual(told.map(({ order }) => order.to), ['begin', 'add', 'end'], 'what has ended need not be cancelled')
  })

  test('two videos at a time do not get each other’s answers', async () => {
    const { video } = pageOf()
    const [one, two] = [video.open(signal()).begin(16, 16), video.open(signal()).begin(16, 16)]
    await settle()
    video.answered(2, { parts })
    video.answered(1, { parts: [] })
    assert.deepEqual([await one, await two], [[], parts])
  })

  for (const [name, leave] of [['closed or hidden', (video: PageVideo) => { video.left() }], ['begun again', (video: PageVideo) => { video.left(); video.arrived() }]] as const) {
    test(`a page that is ${name} ends what it was encoding, in a sentence`, async () => {
      const { video, told: orders } = pageOf()
      const encoding = video.open(signal())
      const begun = rejection(encoding.begin(16, 16))
      await settle()
      leave(video)
      assert.match(told(await begun), /closed or hidden/)
      video.answered(1, { parts }) // too late
      encoding.close()
      assert.equal(orders.at(-1)?.order.to, 'cancel')
    })
  }

  test('a page that is gone between two pictures is told at the second', async () => {
    const { video, page } = pageOf()
    const encoding = video.open(signal())
    const begun = encoding.begin(16, 16)
    await settle()
    video.answered(1, { parts: [] })
    await begun
    page.ready = false
    video.left()
    assert.match(told(await rejection(encoding.add(new Uint8Array(4), 125))), /closed or hidden/)
  })

  test('no encoder, and one that fails, are sentences that name another form', async () => {
    for (const [answer, message] of [[{ failed: 'noEncoder' }, /has no encoder for WebM/], [{ failed: 'encoder', text: 'Out of memory.' }, /^The video could not be encoded: Out of memory\.$/]] as const) {
      const { video } = pageOf()
      const begun = rejection(video.open(signal()).begin(16, 16))
      await settle()
      video.answered(1, answer)
      const error = await begun
      assert.match(told(error), message)
      assert.match((error as DpmError).advice, /PNG or a GIF/)
    }
  })

  test('cancelled, it waits neither for a page nor for an answer', async () => {
    for (const ready of [false, true]) {
      const { video, told: orders } = pageOf(ready)
      const cancel = new AbortController()
      const encoding = video.open(cancel.signal)
      const begun = rejection(encoding.begin(16, 16))
      await settle()
      cancel.abort()
      assert.match(told(await begun), /cancelled/)
      encoding.close()
      assert.deepEqual(orders.map(({ order }) => order.to), ready ? ['begin', 'cancel'] : [])
      assert.match(told(await rejection(encoding.add(new Uint8Array(4), 1))), /cancelled/)
    }
  })
})
