import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { t } from '../sampler/text'
import { externalLocations } from './externalData'
import { choose } from './modelFolder'

/** An ONNX file that is there, with the files its weights lie in. */
export interface GraphFile {
  /** Absolute real path. */
  path: string
  /** Size with external data, in bytes. */
  bytes: number
  /** Changes when any of the files changes. */
  stamp: string
  /** Weights outside the file; `linked` where ONNX Runtime would refuse them as lying outside the model's folder. */
  external: { location: string; path: string; linked: boolean; bytes: number }[]
  /** Of these together. */
  externalBytes: number
}

/**
 * Looks at an ONNX file before ONNX Runtime does, for what it would only call a parsing failure.
 * Throws DpmError `modelMissing` or `modelUnreadable`, naming the file.
 */
export function openGraph(graph: string): GraphFile {
  try {
    const { size, mtimeMs } = statSync(graph)
    refuseOtherFormats(graph, size)
    const path = realpathSync(graph)
    const located = externalLocations(path).map((location) => locate(location, graph, path))
    const parts = located.map((part) => statSync(part.path))
    const external = located.map((part, i) => ({ ...part, bytes: parts[i]!.size }))
    const externalBytes = external.reduce((sum, { bytes }) => sum + bytes, 0)
    return { path, external, externalBytes, bytes: size + externalBytes, stamp: [path, size, mtimeMs, ...parts.flatMap((part) => [part.size, part.mtimeMs])].join('|') }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw choose('modelMissing', t('There is no file {0}.', graph), t('Choose an .onnx file or a folder with unet/model.onnx.'), error)
    if (code === undefined) throw error
    throw choose('modelUnreadable', t('{0} cannot be read ({1}).', graph, code), t('Check its permissions, or choose another model.'), error)
  }
}

/**
 * External data are looked for beside the graph as it was named, then beside its real file. In a Hugging Face cache both are links into a
 * folder of blobs, where they have other names.
 */
function locate(location: string, graph: string, real: string): Omit<GraphFile['external'][number], 'bytes'> {
  const named = [join(dirname(graph), location), join(dirname(real), location)].find((path) => existsSync(path))
  const inside = !isAbsolute(location) && !relative('.', location).startsWith('..')
  if (!inside) throw choose('modelUnsupported', t('{0} keeps weights in {1}, outside its folder.', graph, location), t('Put all files of the model into one folder, or choose another model.'))
  if (named === undefined) throw choose('modelMissing', t('{0} keeps its weights in {1}, which is not beside it.', graph, location), t('Copy that file into the same folder, or choose another model.'))
  const path = realpathSync(named)
  return { location, path, linked: path !== join(dirname(real), location) }
}

const magic: [pattern: RegExp, what: string, advice: string][] = [
  [/^version https:\/\/git-lfs/, t('a Git LFS pointer, not the model itself'), t('Run “git lfs pull” in its repository.')],
  [/^\s*<(!doctype|html|head|\?xml)/i, t('a web page, not an ONNX file'), t('Download the file itself, not the page that shows it.')],
  [/^PK\x03\x04/, t('a zip archive (perhaps a PyTorch checkpoint), not an ONNX file'), t('Export the model to ONNX first, for example with Optimum.')],
  [/^\x89HDF/, t('an HDF5 file, not an ONNX file'), t('Export the model to ONNX first.')],
  [/^.{8}\{"/s, t('a safetensors file, not an ONNX file'), t('Export the model to ONNX first, for example with Optimum.')],
  [/^GGUF/, t('a GGUF file, not an ONNX file'), t('Export the model to ONNX first.')],
  [/^\s*[[{]\s*["\]}]/, t('a JSON file, not an ONNX file'), t('Choose the .onnx file of the model.')],
]

function refuseOtherFormats(graph: string, size: number): void {
  if (size === 0) throw choose('modelUnreadable', t('{0} is empty.', graph), t('Download or copy it again.'))
  const head = Buffer.alloc(Math.min(size, 256))
  const file = openSync(graph, 'r')
  try { readSync(file, head, 0, head.length, 0) } finally { closeSync(file) }
  const found = magic.find(([pattern]) => pattern.test(head.toString('latin1')))
  if (found) throw choose('modelUnreadable', t('{0} is {1} ({2} bytes).', graph, found[1], size), found[2])
}
