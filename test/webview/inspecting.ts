import type { Answer, PixelPlace, Question, RegionStatistics, Tensor } from '../../src/protocol/inspect'
import { contactSheet } from '../../src/render/contactSheet'
import type { Host } from './harness'
import { thumbnailSize, type Recording } from './recording'

/** The scale of derived pictures here. */
export const scale = 0.8

/** A tensor of a row, [B, C, H, W]; undefined where it is not defined. Written out, to compare with what the page shows. */
export function tensorOf({ states, rows }: Recording, row: number, tensor: Tensor): Float32Array | undefined {
  const { x, x0 } = states[row]!
  const { level: { alpha, sigma }, estimateFrom } = rows[row]!
  switch (tensor) {
    case 'x': return x
    case 'x0': return x0
    case 'eps': return sigma > 0 && estimateFrom === row ? x.map((value, i) => (value - alpha * x0[i]!) / sigma) : undefined
    case 'delta': return row > 0 ? x0.map((value, i) => value - states[row - 1]!.x0[i]!) : undefined
  }
}

/** The values of a pixel, a channel each. */
export function valuesAt({ document: { shape: [, channels, height, width] } }: Recording, values: Float32Array, { item, y, x }: PixelPlace): number[] {
  return Array.from({ length: channels }, (_, c) => values[((item * channels + c) * height + y) * width + x]!)
}

/** The host's answer to a question about a recording. */
export function answerOf(recording: Recording, question: Question): Answer | null {
  const { shape } = recording.document
  const defined = (row: number): [Tensor, Float32Array][] => (['x', 'x0', 'eps', 'delta'] as const).flatMap((tensor) => {
    const values = tensorOf(recording, row, tensor)
    return values ? [[tensor, values] as [Tensor, Float32Array]] : []
  })
  switch (question.of) {
    case 'pictures': {
      const pictures = defined(question.row).flatMap(([tensor, values]) => question.tensors.includes(tensor as 'eps') ? [{ tensor: tensor as 'eps', rgba: contactSheet(values.map((value) => value / scale), shape).rgba, scale }] : [])
      const { width, height } = recording.frames[0]!
      return { of: 'pictures', width, height, pictures }
    }
    case 'pixel': return { of: 'pixel', values: Object.fromEntries(defined(question.row).map(([tensor, values]) => [tensor, valuesAt(recording, values, question.place)])) }
    case 'region': {
      const { item, top, left, bottom, right } = question.region
      const places = Array.from({ length: (bottom - top) * (right - left) }, (_, i) => ({ item, y: top + Math.floor(i / (right - left)), x: left + i % (right - left) }))
      return { of: 'region', values: Object.fromEntries(defined(question.row).map(([tensor, values]) => {
        const pixels = places.map((place) => valuesAt(recording, values, place))
        return [tensor, pixels[0]!.map((_, c) => statisticsOf(pixels.map((pixel) => pixel[c]!)))]
      })) }
    }
    case 'course': {
      const { states } = recording
      const values = (what: 'x' | 'x0'): Float32Array => Float32Array.from(states.slice(question.from).flatMap((row) => valuesAt(recording, row[what], question.place)))
      return { of: 'course', from: question.from, channels: shape[1], x: values('x'), x0: values('x0') }
    }
    case 'changes': case 'spectrum': return null
  }
}

function statisticsOf(values: readonly number[]): RegionStatistics {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, std: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length), min: Math.min(...values), max: Math.max(...values) }
}

/** The host of a page that shows one recording: `settled` answers all that the page asked until it asks nothing more. */
export function hostOf(host: Host, recording: Recording): { settled: () => Promise<void> } {
  const runId = recording.document.id
  let done = 0
  return {
    settled: async () => {
      await host.drawn()
      while (done < host.sent.length) {
        const message = host.sent[done++]!
        if (message.type === 'frameRequest') await host.send({ type: 'frame', runId, live: false, row: message.row, frames: recording.frames[message.row]! })
        if (message.type === 'thumbnailRequest') await host.send({ type: 'thumbnails', runId, size: thumbnailSize, thumbnails: message.rows.map((row) => ({ row, rgba: recording.thumbnails[row]! })), failed: [] })
        if (message.type === 'inspect') await host.send({ type: 'inspected', runId, question: message.question, answer: answerOf(recording, message.question) })
        await host.drawn()
      }
    },
  }
}

/** What of the Sample tab reaches beyond the edge of what is seen. */
export async function unseen(host: Host): Promise<string[]> {
  const main = (await host.page.locator('main').boundingBox())!
  const edges = await Promise.all(['.looks', '.probe', '.timeline', '.plots', '.plot-box:last-child .plot'].map(async (part) => ({ part, box: (await host.page.locator(part).first().boundingBox())! })))
  return edges.filter(({ box }) => box.y < main.y || box.y + box.height > main.y + main.height).map(({ part, box }) => `${part} from ${box.y} to ${box.y + box.height} of ${main.y + main.height}`)
}
