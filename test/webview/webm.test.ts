import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type * as Mediabunny from 'mediabunny'
import type { VideoAnswer, VideoOrder, VideoPart } from '../../src/protocol/video'
import { Bench, type Host } from './harness'

let bench: Bench
before(async () => { bench = await Bench.start() })
after(() => bench.stop())

const [width, height, pictures] = [64, 48, 12]
/** Left half red that grows, right half blue that goes. */
const colours = (k: number): [number[], number[]] => [[20 * k, 0, 40, 255], [0, 90, 240 - 20 * k, 255]]
function picture(k: number): Uint8Array {
  const [left, right] = colours(k)
  return Uint8Array.from({ length: 4 * width * height }, (_, i) => (Math.floor(i / 4) % width < width / 2 ? left : right)[i % 4]!)
}

async function order(host: Host, job: number, given: VideoOrder): Promise<VideoAnswer> {
  const before = host.of('video').length
  await host.send({ type: 'video', job, order: given })
  return (await host.received('video', before)).answer
}

/** Carries out a whole video; the bytes of the file. */
async function encode(host: Host, job = 1): Promise<Uint8Array> {
  const orders: VideoOrder[] = [{ to: 'begin', width, height }, ...Array.from({ length: pictures }, (_, k) => ({ to: 'add' as const, rgba: picture(k), ms: k === pictures - 1 ? 2000 : 125 })), { to: 'end' }]
  const parts: VideoPart[] = []
  for (const given of orders) {
    const answer = await order(host, job, given)
    assert.ok('parts' in answer, JSON.stringify(answer))
    parts.push(...answer.parts)
  }
  const file = new Uint8Array(Math.max(...parts.map(({ position, data }) => position + data.length)))
  for (const { position, data } of parts) file.set(data, position)
  return file
}

/** What a player makes of it: duration, size, how many pictures there are and which begin anew, and colours in the middle of both halves at some times in seconds. */
async function played(host: Host, file: Uint8Array, times: number[]): Promise<{ duration: number; size: number[]; packets: number; keys: number[]; colours: number[][][] }> {
  const page = await host.page.context().browser()!.newPage()
  try {
    // A page of this machine, which may decode, and without a policy.
    await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html>' }))
    await page.goto(new URL('/blank', host.page.url()).href)
    await page.addScriptTag({ path: 'node_modules/mediabunny/dist/bundles/mediabunny.cjs' })
    return await page.evaluate(async ({ base64, times }) => {
      const blob = new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: 'video/webm' })
      const media = (window as unknown as { Mediabunny: typeof Mediabunny }).Mediabunny
      const input = new media.Input({ source: new media.BlobSource(blob), formats: [media.WEBM] })
      const track = (await input.getPrimaryVideoTrack())!
      const keys: number[] = []
      let packets = 0
      for await (const packet of new media.EncodedPacketSink(track).packets()) { if (packet.type === 'key') keys.push(packets); packets++ }
      const video = document.createElement('video')
      const event = (name: string): Promise<unknown> => new Promise((resolve, reject) => { video.addEventListener(name, resolve, { once: true }); video.addEventListener('error', () => { reject(new Error(video.error?.message)) }, { once: true }) })
      const loaded = event('loadeddata')
      video.src = URL.createObjectURL(blob)
      await loaded
      const canvas = document.createElement('canvas')
      const [width, height] = [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight]
      const context = canvas.getContext('2d', { willReadFrequently: true })!
      const colours: number[][][] = []
      for (const time of times) {
        const there = event('seeked')
        video.currentTime = time
        await there
        context.drawImage(video, 0, 0)
        colours.push([0.25, 0.75].map((x) => [...context.getImageData(Math.floor(width * x), height >> 1, 1, 1).data]))
      }
      return { duration: video.duration, size: [width, height], packets, keys, colours }
    }, { base64: Buffer.from(file).toString('base64'), times })
  } finally {
    await page.close()
  }
}

suite('the page encodes videos', () => {
  test('twelve pictures become a WebM file that plays: all of them, their size, their times, their colours', async () => {
    const host = await bench.open()
    assert.ok(!host.requested.includes('/webview-webm.js'), 'the encoder is not fetched before it is wanted')
    const file = await encode(host)
    assert.ok(host.requested.includes('/webview-webm.js'))
    assert.deepEqual([...file.subarray(0, 4)], [0x1a, 0x45, 0xdf, 0xa3])
    const { duration, size, packets, keys, colours: seen } = await played(host, file, [0.05, 1.4])
    console.log(`${file.length} bytes, ${duration} s, pictures that begin anew ${keys.join()}`)
    assert.deepEqual([size, packets], [[width, height], pictures])
    assert.ok(Math.abs(duration - (2 + 0.125 * (pictures - 1))) < 0.01, `${duration} s`)
    assert.ok(keys.includes(0) && keys.includes(8), `a second can be jumped to: ${keys.join()}`)
    for (const [i, k] of [0, pictures - 1].entries()) {
      for (const [side, colour] of colours(k).entries()) {
        const off = Math.max(...colour.map((value, c) => Math.abs(value - seen[i]![side]![c]!)))
        assert.ok(off <= 12, `picture ${k}: ${seen[i]![side]!.join()} for ${colour.join()}`)
      }
    }
    assert.deepEqual(host.problems, [])
    await host.page.close()
  })

  test('a browser without an encoder is told as one', async () => {
    const host = await bench.open()
    await host.page.evaluate(() => { Reflect.deleteProperty(window, 'VideoEncoder') })
    assert.deepEqual(await order(host, 1, { to: 'begin', width, height }), { failed: 'noEncoder' })
    await host.page.close()
  })

  test('an encoder that fails is told in its own words, and the next video is encoded', async () => {
    const host = await bench.open()
    await order(host, 1, { to: 'begin', width, height })
    const failed = await order(host, 1, { to: 'add', rgba: new Uint8Array(8), ms: 125 })
    assert.ok('failed' in failed && failed.failed === 'encoder' && failed.text.length > 10, JSON.stringify(failed))
    assert.ok((await encode(host, 2)).length > 500)
    await host.page.close()
  })

  test('after a cancelled video the page has no more to say of it, and encodes the next', async () => {
    const host = await bench.open()
    await order(host, 1, { to: 'begin', width, height })
    await order(host, 1, { to: 'add', rgba: picture(0), ms: 125 })
    await host.send({ type: 'video', job: 1, order: { to: 'cancel' } })
    const answer = await order(host, 1, { to: 'add', rgba: picture(1), ms: 125 })
    assert.ok('failed' in answer, 'a video that was cancelled takes no more pictures')
    assert.ok((await encode(host, 2)).length > 500)
    assert.deepEqual(host.of('video').filter(({ job }) => job === 1).length, 3)
    await host.page.close()
  })
})
