import type { DpmError } from '../sampler/errors'
import { choose } from './modelFolder'
import { firstLine } from './runtime'

type Reason = Parameters<typeof choose>[0]
const another = 'Choose another model.'

/** ONNX Runtime's words (1.30; it has no error codes) for a graph it cannot load, and what we say instead. `$1` is what the pattern captured. */
const known: [pattern: RegExp, reason: Reason, what: string, advice: string][] = [
  [/Protobuf parsing failed|does not have a graph|Model data pointer is null/, 'modelUnreadable', 'is not a readable ONNX file: it is damaged or was cut short', 'Download or copy it again.'],
  [/No Op registered for (\S+)/, 'modelUnsupported', 'uses the operator $1, which ONNX Runtime 1.30 does not have', 'Export it with standard operators, or choose another model.'],
  [/: ?(\S+?)\(-?\d+\) is not a registered function\/op/, 'modelUnsupported', 'uses the operator $1, which ONNX Runtime 1.30 does not have', 'Export it with standard operators, or choose another model.'],
  [/Unsupported model IR version: (\d+)/, 'modelUnsupported', 'is written in ONNX IR version $1, which is newer than ONNX Runtime 1.30 can read', 'Export it with an older ONNX version.'],
  [/only \*guarantees\* support for models stamped/, 'modelUnsupported', 'uses an operator set that ONNX Runtime 1.30 does not know', 'Export it with an older operator set, such as 17.'],
  [/Could not find an implementation for (\S+?)[( ]/, 'modelUnsupported', 'uses the operator $1 in a form that this provider cannot run', 'Choose another provider or another model.'],
  [/External data path does not exist: "([^"]+)"/, 'modelMissing', 'keeps weights in $1, which does not exist', 'Copy that file to its place, or choose another model.'],
  [/escapes model directory|Absolute path not allowed for external data/, 'modelUnsupported', 'keeps weights outside its folder', 'Put all files of the model into one folder, or choose another model.'],
  [/External initializer: (\S+).*out of bounds/s, 'modelUnreadable', 'keeps weights in a file that is too short for them', 'Download or copy that file again.'],
  [/declares a size of (\d+) bytes which exceeds/, 'modelUnreadable', 'claims a tensor of $1 bytes and is damaged', another],
  [/Unsupported data type: 16/, 'modelUnsupported', 'has bfloat16 inputs or outputs', 'Export it in float32 or float16.'],
  [/Failed to allocate memory|bad_alloc|out of memory/i, 'modelUnreadable', 'needs more memory than there is', 'Close other programs, or choose a smaller model.'],
]

/** True where the graph is at fault, whatever the provider. */
export function isModelFault(error: unknown): boolean {
  return known.some(([pattern]) => pattern.test(String(error))) || /invalid model/.test(String(error))
}

/** A session that could not be made, as a sentence that names the file; ONNX Runtime's own text is kept as cause. */
export function modelError(graph: string, error: unknown): DpmError {
  for (const [pattern, reason, what, advice] of known) {
    const match = pattern.exec(String(error))
    if (match) return choose(reason, `${graph} ${what.replace('$1', match[1] ?? '')}.`, advice, error)
  }
  return choose('modelUnreadable', `${graph} is not a valid model: ${plainWords(error)}`, another, error)
}

/** ONNX Runtime's message without its source paths, error codes and name of the file. At most 200 characters, ending in a full stop. */
export function plainWords(error: unknown): string {
  const text = firstLine(error)
    .replace(/^(Error: )?Load model from .*? failed: ?/, '').replace(/\S*\/onnxruntime\S*?:\d+ .*? was false\. /, '').replace(/\S*\/onnxruntime\S*?:\d+ \S*/g, '')
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /g, '').replace(/Non-zero status code returned while running (\w+) node\. Name:'[^']*' Status Message: /g, '$1: ').trim()
  return `${(text.length > 200 ? `${text.slice(0, 199)}…` : text).replace(/[.:]+$/, '')}.`
}
