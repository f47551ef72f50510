// dist/webview-webm.js: fetched when a trajectory becomes a video. It imports nothing that the rest of the page has, so that it is one file.
import { EncodedPacket, EncodedVideoPacketSource, Output, StreamTarget, WebMOutputFormat, type VideoCodec } from 'mediabunny'
import type { VideoAnswer, VideoOrder, VideoPart } from '../src/protocol/video'

/** Every picture that begins a second can be jumped to. */
const keyFrameMs = 1000
/** Enough for noise to stay noise, and for large drawings not to fill a disk. */
const bitsPerPixel = 4
const picturesPerSecond = 8
const mostBitsPerSecond = 20e6
/** What is ready is handed over in pieces of about this size, in bytes. */
const pieceBytes = 2 ** 18
/** Pictures that may wait for the encoder. */
const mostWaiting = 2

/** The least level of VP9 that has pictures of a size (VP9 levels: largest luma picture). */
const vp9Levels = [[245_760, 21], [552_960, 30], [983_040, 31], [2_228_224, 40], [8_912_896, 50], [Infinity, 60]] as const

/** One WebM file on its way. Every order is carried out when the one before was answered. */
export class WebmEncoding {
  private parts: VideoPart[] = []
  private encoder: VideoEncoder | undefined
  private output: Output | undefined
  private packets: Promise<void> = Promise.resolve()
  private failure: DOMException | undefined
  private size = { width: 0, height: 0 }
  private atMs = 0
  private keyFrameAt = 0

  /** Carries out an order; what fails is in the answer. */
  async obey(order: Exclude<VideoOrder, { to: 'cancel' }>): Promise<VideoAnswer> {
    try {
      switch (order.to) {
        case 'begin': if (!await this.begin(order)) return { failed: 'noEncoder' }; break
        case 'add': await this.add(order); break
        case 'end': await this.end(); break
      }
      return { parts: this.parts.splice(0) }
    } catch (error) {
      this.close()
      return { failed: 'encoder', text: error instanceof Error ? error.message : String(error) }
    }
  }

  close(): void {
    if (this.encoder && this.encoder.state !== 'closed') this.encoder.close()
    void this.output?.cancel().catch(() => {})
  }

  /** False where there is no encoder. */
  private async begin({ width, height }: { width: number; height: number }): Promise<boolean> {
    const found = await encoderFor(width, height)
    if (!found) return false
    this.size = { width, height }
    const source = new EncodedVideoPacketSource(found.codec)
    const target = new StreamTarget(new WritableStream({ write: ({ position, data }) => { this.parts.push({ position, data: data.slice() }) } }), { chunked: true, chunkSize: pieceBytes })
    this.output = new Output({ format: new WebMOutputFormat(), target })
    this.output.addVideoTrack(source)
    await this.output.start()
    this.encoder = new VideoEncoder({
      output: (chunk, meta) => { this.packets = this.packets.then(() => source.add(EncodedPacket.fromEncodedChunk(chunk), meta)) },
      error: (error) => { this.failure = error },
    })
    this.encoder.configure(found.config)
    return true
  }

  private async add({ rgba, ms }: { rgba: Uint8Array; ms: number }): Promise<void> {
    const { encoder, size: { width, height } } = this
    if (!encoder) throw new Error('a picture came before the beginning')
    const frame = new VideoFrame(rgba, { format: 'RGBX', codedWidth: width, codedHeight: height, timestamp: 1000 * this.atMs, duration: 1000 * ms })
    try {
      const keyFrame = this.atMs >= this.keyFrameAt
      if (keyFrame) this.keyFrameAt += keyFrameMs
      encoder.encode(frame, { keyFrame })
    } finally {
      frame.close()
    }
    this.atMs += ms
    while (encoder.state === 'configured' && encoder.encodeQueueSize > mostWaiting) await new Promise((resolve) => { encoder.addEventListener('dequeue', resolve, { once: true }) })
    await this.settled()
  }

  private async end(): Promise<void> {
    await this.encoder?.flush()
    await this.settled()
    await this.output?.finalize()
    this.encoder?.close()
  }

  /** What is encoded is in the file. */
  private async settled(): Promise<void> {
    await this.packets
    if (this.failure) throw this.failure
  }
}

/** VP9, which keeps more at the same size, or else VP8; undefined where the browser encodes neither. */
async function encoderFor(width: number, height: number): Promise<{ codec: VideoCodec; config: VideoEncoderConfig } | undefined> {
  if (!('VideoEncoder' in window)) return undefined // a page that did not come by HTTPS, or an old browser
  const area = width * height
  const [, level] = vp9Levels.find(([largest]) => area <= largest)!
  const bitrate = Math.min(mostBitsPerSecond, area * bitsPerPixel * picturesPerSecond)
  for (const [codec, name] of [['vp9', `vp09.00.${level}.08`], ['vp8', 'vp8']] as const) {
    const config: VideoEncoderConfig = { codec: name, width, height, bitrate, framerate: picturesPerSecond, latencyMode: 'quality' }
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }))
    if (supported === true) return { codec, config }
  }
  return undefined
}
