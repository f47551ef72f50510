import { closeSync, openSync, readSync } from 'node:fs'

/**
 * Where an ONNX file keeps weights outside itself: each `location` its tensors name, relative to the file's folder. Only headers are read;
 * a file that is no ONNX model gives none (ONNX Runtime says what is wrong with it).
 * Protobuf: ModelProto.graph = 7, GraphProto.initializer = 5, TensorProto.external_data = 13, StringStringEntryProto key = 1, value = 2.
 */
export function externalLocations(path: string): string[] {
  const file = openSync(path, 'r')
  const locations = new Set<string>()
  try {
    const window = new Window(file)
    for (const graph of fields(window, 0, Infinity, 7)) {
      for (const tensor of fields(window, graph.start, graph.end, 5)) {
        for (const entry of fields(window, tensor.start, tensor.end, 13)) {
          const [key, value] = [1, 2].map((field) => [...fields(window, entry.start, entry.end, field)].map(({ start, end }) => window.text(start, end))[0])
          if (key === 'location' && value) locations.add(value)
        }
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  } finally {
    closeSync(file)
  }
  return [...locations]
}

/** The length-delimited fields numbered `wanted` between two offsets of the file. */
function* fields(window: Window, start: number, end: number, wanted: number): Generator<{ start: number; end: number }> {
  let at = start
  while (at < end) {
    const key = window.varint(at)
    if (!key) return
    at = key.next
    switch (key.value & 7) {
      case 0: at = window.varint(at)?.next ?? Infinity; break
      case 1: at += 8; break
      case 5: at += 4; break
      case 2: {
        const length = window.varint(at)
        if (!length) return
        if (key.value >>> 3 === wanted) yield { start: length.next, end: length.next + length.value }
        at = length.next + length.value
        break
      }
      default: throw new RangeError('not a protobuf field')
    }
  }
}

/** A window that moves over a file, so that skipping gigabytes of weights reads none of them. */
class Window {
  private readonly bytes = Buffer.alloc(1 << 16)
  private from = 0
  private length = 0

  constructor(private readonly file: number) {}

  /** Undefined at the end of the file. */
  varint(at: number): { value: number; next: number } | undefined {
    let value = 0
    for (let i = 0; i < 10; i++) {
      const byte = this.byte(at + i)
      if (byte === undefined) return undefined
      value += (byte & 127) * 2 ** (7 * i)
      if (byte < 128) return { value, next: at + i + 1 }
    }
    throw new RangeError('not a protobuf number')
  }

  text(start: number, end: number): string {
    if (end - start > 4096) throw new RangeError('not a file name')
    const bytes = Buffer.alloc(end - start)
    return bytes.toString('utf8', 0, readSync(this.file, bytes, 0, bytes.length, start))
  }

  private byte(at: number): number | undefined {
    if (at < this.from || at >= this.from + this.length) {
      if (!Number.isSafeInteger(at)) return undefined
      this.from = at
      this.length = readSync(this.file, this.bytes, 0, this.bytes.length, at)
    }
    return at < this.from + this.length ? this.bytes[at - this.from] : undefined
  }
}
