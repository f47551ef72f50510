import type { DpmError } from '../sampler/errors'
import { t } from '../sampler/text'
import { choose } from './modelFolder'
import { firstLine } from './runtime'

type Reason = Parameters<typeof choose>[0]
const another = t('Choose another model.')

/** ONNX Runtime's words (1.30; it has no error codes) for a graph it cannot load, and what we say instead. `$1` is what the pattern captured. */
const known: [pattern: RegExp, reason: Reason, what: string, advice: string][] = [
  [/Protobuf parsing failed|does not have a graph|Model data pointer is null/, 'modelUnreadable', t('is not a readable ONNX file: it is damaged or was cut short'), t('Download or copy it again.')],
  [/No Op registered for (\S+)/, 'modelUnsupported', t('uses the operator $1, which ONNX Runtime 1.30 does not have'), t('Export it with standard operators, or choose another model.')],
  [/: ?(\S+?)\(-?\d+\) is not a registered function\/op/, 'modelUnsupported', t('uses the operator $1, which ONNX Runtime 1.30 does not have'), t('Export it with standard operators, or choose another model.')],
  [/Unsupported model IR version: (\d+)/, 'modelUnsupported', t('is written in ONNX IR version $1, which is newer than ONNX Runtime 1.30 can read'), t('Export it with an older ONNX version.')],
  [/only \*guarantees\* support for models stamped/, 'modelUnsupported', t('uses an operator set that ONNX Runtime 1.30 does not know'), t('Export it with an older operator set, such as 17.')],
  [/Could not find an implementation for (\S+?)[( ]/, 'modelUnsupported', t('uses the operator $1 in a form that this provider cannot run'), t('Choose another provider or another model.')],
  [/External data path does not exist: "([^"]+)"/, 'modelMissing', t('keeps weights in $1, which does not exist'), t('Copy that file to its place, or choose another model.')],
  [/escapes model directory|Absolute path not allowed for external data/, 'modelUnsupported', t('keeps weights outside its folder'), t('Put all files of the model into one folder, or choose another model.')],
  [/External initializer: (\S+).*out of bounds/s, 'modelUnreadable', t('keeps weights in a file that is too short for them'), t('Download or copy that file again.')],
  [/declares a size of (\d+) bytes which exceeds/, 'modelUnreadable', t('claims a tensor of $1 bytes and is damaged'), another],
  [/Unsupported data type: 16/, 'modelUnsupported', t('has bfloat16 inputs or outputs'), t('Export it in float32 or float16.')],
  [/Failed to allocate memory|bad_alloc|out of memory/i, 'modelUnreadable', t('needs more memory than there is'), t('Close other programs, or choose a smaller model.')],
]

/** True where the graph is at fault, whatever the provider. */
export function isModelFault(error: unknown): boolean {
  return known.some(([pattern]) => pattern.test(String(error))) || /invalid model/.test(String(error))
}

/** A session that could not be made, as a sentence that names the file; ONNX Runtime's own text is kept as cause. */
export function modelError(graph: string, error: unknown): DpmError {
  for (const [pattern, reason, what, advice] of known) {
    const match = pattern.exec(String(error))
    if (match) return choose(reason, t('{0} {1}.', graph, what.replace('$1', match[1] ?? '')), advice, error)
  }
  return choose('modelUnreadable', t('{0} is not a valid model: {1}', graph, plainWords(error)), another, error)
}

/** ONNX Runtime's message without its source paths, signatures, error codes and name of the file. At most 200 characters, ending in a full stop. */
export function plainWords(error: unknown): string {
  const text = firstLine(error)
    .replace(/^(Error: )?Load model from .*? failed: ?/, '').replace(/\S*\/onnxruntime\S*?:\d+ .*? was false\. /, '')
    // Where the library of a GPU's maker fails: the call's signature, what went wrong, and where, in the source and on which machine.
    .replace(/\S*\/onnxruntime\S*?:\d+ .*?\b(\w+ failure -?\d+: [^;]*?) ?; GPU=.*/, '$1')
    .replace(/\S*\/onnxruntime\S*?:\d+ [^()]*\bonnxruntime::[^()]*\([^()]*\)( const)?( \[with [^\]]*\])? /g, '').replace(/\S*\/onnxruntime\S*?:\d+ \S*/g, '')
    .replace(/^.*\bcuDNN is unavailable.*\b(dlopen failed|not found).*/, t('cuDNN 9 is not on this machine (libcudnn.so.9)'))
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /g, '').replace(/Non-zero status code returned while running (\w+) node\. Name:'[^']*' Status Message: /g, '$1: ').trim()
  return `${(text.length > 200 ? `${text.slice(0, 199)}…` : text).replace(/[.:]+$/, '')}.`
}
