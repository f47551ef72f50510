import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault, FaultGroup } from './faultTable'
import { onnxFile, type Constant } from './onnxFile'
import { folderWith, labelled, nanBelow500, network, newFolder } from './testModels'

const identity = [{ op: 'Identity', inputs: ['sample'], output: 'out_sample' }]
const half = Array.from({ length: 16 }, () => 0.5)
const scaled = (w: Constant): Uint8Array => network([{ op: 'Mul', inputs: ['sample', 'w'], output: 'out_sample' }], { constants: [w] })
const withWeights = (external: string): Uint8Array => scaled({ name: 'w', dims: [1, 1, 4, 4], values: half, external })
const shaped = (dims: (number | string)[], more: Partial<Parameters<typeof onnxFile>[0]> = {}): Uint8Array => onnxFile({ inputs: [{ name: 'sample', dims }, { name: 'timestep', dims: [] }], outputs: [{ name: 'out_sample', dims }], nodes: identity, ...more })
const digits = (): Buffer => readFileSync('media/models/digits/unet/model.onnx')

const chooser = 'Select Model…'
const noRun = 'Nothing: the run was not begun. The last picture stays.'

type Made = () => string
/** A model that is refused before a run begins. */
function refused(fault: string, model: Made, reads: string, advice: string, more: Partial<Fault> = {}): Fault {
  return {
    fault, reads, advice, button: chooser, kept: noRun, recorded: 'nothing', ends: false,
    happens: async ({ generate }) => ({ error: (await generate({ 'model.path': model() })).error }), ...more,
  }
}
const file = (content: string | Uint8Array): Made => () => folderWith({ 'unet/model.onnx': content })

/** A model that fails at an evaluation. */
function failing(fault: string, model: Made, reads: string, advice: string, button: string, rows: 0 | 1, set: Record<string, unknown> = {}): Fault {
  return {
    fault, reads, advice, button, kept: rows === 0 ? 'The recording without a step.' : 'The steps up to that one.', recorded: rows === 0 ? 'nothing' : 'rows', ends: false,
    happens: async ({ generate }) => {
      const { error, folder } = await generate({ 'model.path': model(), ...set })
      return { error, recording: { folder, outcome: 'failed' } }
    },
  }
}

const again = 'Download or copy it again.'
const export1 = 'Export the model to ONNX first.'
const optimum = 'Export the model to ONNX first, for example with Optimum.'
const operators = 'Export it with standard operators, or choose another model.'
const oneFolder = 'Put all files of the model into one folder, or choose another model.'
const pixels = 'Choose a pixel-space model with the inputs sample, timestep and optionally class_labels.'
const onnxOrFolder = 'Choose an .onnx file or a folder with unet/model.onnx.'

const files: Fault[] = [
  refused('A path where nothing is', () => join(newFolder(), 'none.onnx'), 'There is no model at {path}.', onnxOrFolder),
  refused('A folder without a graph', () => newFolder(), '{folder} has no ONNX graph: neither unet/model.onnx nor an .onnx file was found.', onnxOrFolder),
  refused('A folder with PyTorch weights only', () => folderWith({ 'unet/diffusion_pytorch_model.safetensors': 'x' }), '{folder} has PyTorch weights ({file}) but no ONNX graph.', optimum),
  refused('A folder that is named model.onnx', () => { const folder = newFolder(); mkdirSync(join(folder, 'model.onnx')); return folder }, '{file} cannot be read (EISDIR).', 'Check its permissions, or choose another model.'),
  refused('A file of 0 bytes', file(''), '{file} is empty.', again),
  refused('Random bytes', file(Uint8Array.from({ length: 5000 }, (_, i) => i * 7919 % 251)), '{file} is not a readable ONNX file: it is damaged or was cut short.', again),
  refused('A file that was cut short', () => folderWith({ 'model.onnx': digits().subarray(0, 2_000_000) }), '{file} is not a readable ONNX file: it is damaged or was cut short.', again),
  refused('A web page', file('<!DOCTYPE html>\n<html><body>model.onnx</body></html>'), '{file} is a web page, not an ONNX file ({n} bytes).', 'Download the file itself, not the page that shows it.'),
  refused('A Git LFS pointer', file('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4065379\n'), '{file} is a Git LFS pointer, not the model itself ({n} bytes).', 'Run “git lfs pull” in its repository.'),
  refused('A PyTorch checkpoint', file('PK\x03\x04 rest of an archive'), '{file} is a zip archive (perhaps a PyTorch checkpoint), not an ONNX file ({n} bytes).', optimum),
  refused('A safetensors file', file('\x08\0\0\0\0\0\0\0{"a": 1}'), '{file} is a safetensors file, not an ONNX file ({n} bytes).', optimum),
  refused('An HDF5 file', file(Uint8Array.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10])), '{file} is an HDF5 file, not an ONNX file ({n} bytes).', export1),
  refused('A GGUF file', file('GGUF\x03\0\0\0'), '{file} is a GGUF file, not an ONNX file ({n} bytes).', export1),
  refused('A JSON file', file('{ "a": 1 }'), '{file} is a JSON file, not an ONNX file ({n} bytes).', 'Choose the .onnx file of the model.'),
  refused('A config.json that is none', () => folderWith({ 'unet/model.onnx': network(identity), 'unet/config.json': '{' }), '{file} is not a readable JSON file: {why}.', 'Correct the file or copy it again.'),
]

const graphs: Fault[] = [
  refused('An operator that ONNX Runtime does not have', file(network([{ op: 'FancyOp', inputs: ['sample'], output: 'out_sample' }])), '{file} uses the operator FancyOp, which ONNX Runtime 1.30 does not have.', operators),
  refused('An operator of an unknown domain', file(network([{ op: 'FancyOp', inputs: ['sample'], output: 'out_sample', domain: 'com.example' }])), '{file} uses the operator com.example:FancyOp, which ONNX Runtime 1.30 does not have.', operators),
  refused('Operator set 99', file(network(identity, { opset: 99 })), '{file} uses an operator set that ONNX Runtime 1.30 does not know.', 'Export it with an older operator set, such as 17.'),
  refused('IR version 99', file(network(identity, { ir: 99 })), '{file} is written in ONNX IR version 99, which is newer than ONNX Runtime 1.30 can read.', 'Export it with an older ONNX version.'),
  refused('bfloat16', file(network(identity, { type: 'bfloat16' })), '{file} has bfloat16 inputs or outputs.', 'Export it in float32 or float16.'),
  refused('float64', file(network(identity, { type: 'float64' })), '{file} takes sample as float64; known are float32 and float16.', pixels),
  refused('Weights that claim 100 GB', file(network([{ op: 'ReduceSum', inputs: ['w'], output: 's', ints: { keepdims: 0 } }, { op: 'Add', inputs: ['sample', 's'], output: 'out_sample' }], { constants: [{ name: 'w', dims: [25_000_000_000], values: [1] }] })), '{file} claims a tensor of 100000000000 bytes and is damaged.', 'Choose another model.'),
  refused('External data that are missing', file(withWeights('weights.bin')), '{file} keeps its weights in weights.bin, which is not beside it.', 'Copy that file into the same folder, or choose another model.'),
  refused('External data in ../weights.bin', file(withWeights('../weights.bin')), '{file} keeps weights in ../weights.bin, outside its folder.', oneFolder),
  refused('External data at an absolute path', file(withWeights('/etc/hostname')), '{file} keeps weights in /etc/hostname, outside its folder.', oneFolder),
  refused('External data behind a link that leads nowhere', () => { const folder = folderWith({ 'model.onnx': withWeights('weights.bin') }); symlinkSync('../gone.bin', join(folder, 'weights.bin')); return folder }, '{file} keeps its weights in weights.bin, which is not beside it.', 'Copy that file into the same folder, or choose another model.'),
  refused('External data that are too short', () => { const folder = folderWith({ 'model.onnx': withWeights('weights.bin'), 'weights.bin': new Uint8Array(64) }); truncateSync(join(folder, 'weights.bin'), 10); return folder }, '{file} keeps weights in a file that is too short for them.', 'Download or copy that file again.'),
  refused('Inputs of other names', file(onnxFile({ inputs: [{ name: 'x', dims: [1, 64] }], outputs: [{ name: 'y', dims: [1, 64] }], nodes: [{ op: 'Identity', inputs: ['x'], output: 'y' }] })), '{file} has the inputs x float32 [1, 64]; expected are sample, timestep and optionally class_labels.', pixels),
  refused('A missing input', file(onnxFile({ inputs: [{ name: 'sample', dims: ['b', 1, 4, 4] }], outputs: [{ name: 'out_sample', dims: ['b', 1, 4, 4] }], nodes: identity })), '{file} has the inputs sample float32 [b, 1, 4, 4]; expected are sample, timestep and optionally class_labels.', pixels),
  refused('An input of another rank', file(shaped(['b', 16])), '{file} takes sample as sample float32 [b, 16]; expected is [batch, channels, height, width].', pixels),
  refused('No size anywhere', file(shaped(['b', 1, 'h', 'w'])), '{file} takes images of any size, and no config.json beside it says sample_size.', pixels),
  refused('A network of two channels', file(shaped(['b', 2, 64, 64])), '{file} works on 2 channels; known are 1 and 3 of pixels, 4 and 16 of latents.', pixels),
  refused('A network conditioned on text', file(shaped(['b', 4, 64, 64], { inputs: [{ name: 'sample', dims: ['b', 4, 64, 64] }, { name: 'timestep', dims: [] }, { name: 'encoder_hidden_states', dims: ['b', 's', 768] }] })), '{file} is conditioned on text (input encoder_hidden_states), which cannot be given here.', pixels),
  refused('Class labels in no table, and no number of them', file(network(identity, { labels: true })), '{file} takes class_labels, and nothing says how many there are (num_class_embeds).', 'Put it in a folder as unet/model.onnx, with a unet/config.json that says so, or choose another model.'),
]

/** x plus the largest value of 25,000,000,000 copies of it. */
const needs100GB = (): Uint8Array => network(
  [{ op: 'Mul', inputs: ['timestep', 'zero'], output: 't0' }, { op: 'Expand', inputs: ['t0', 'shape'], output: 'big' }, { op: 'ReduceSum', inputs: ['big'], output: 's', ints: { keepdims: 0 } }, { op: 'Add', inputs: ['sample', 's'], output: 'out_sample' }],
  { constants: [{ name: 'zero', values: [0] }, { name: 'shape', type: 'int64', dims: [1], values: [25_000_000_000] }] },
)
/** Works at sizes that can be halved twice only: it cuts x into 16 values. */
const odd = (): string => folderWith({
  'unet/config.json': { in_channels: 1, sample_size: 5 },
  'unet/model.onnx': shaped(['b', 1, 'h', 'w'], { nodes: [{ op: 'Reshape', inputs: ['sample', 'cut'], output: 'r' }, { op: 'Reshape', inputs: ['r', 'back'], output: 'out_sample' }], constants: [{ name: 'cut', type: 'int64', dims: [2], values: [1, 16] }, { name: 'back', type: 'int64', dims: [4], values: [1, 1, 4, 4] }] }),
})

const evaluations: Fault[] = [
  failing('A network that needs 100 GB', file(needs100GB()), 'The network ran out of memory at evaluation 1 of 20.', 'Close other programs, or choose a smaller model.', chooser, 0),
  failing('… with a batch', file(needs100GB()), 'The network ran out of memory at evaluation 1 of 20.', 'Use a smaller batch.', 'Use a Batch of 1', 0, { 'noise.batch': 4 }),
  failing('A size that its layers cannot divide', odd, 'The network failed at evaluation 1 of 20: Reshape: {why}', 'Choose another model.', chooser, 0),
  failing('A class that the network does not know, although its config.json says so', () => folderWith({ 'unet/model.onnx': labelled(4), 'unet/config.json': { num_class_embeds: 8 } }), 'The network knows the labels 0 to 3, and 5 was fed to it.', 'Choose another class, or correct num_class_embeds in the model’s config.json.', 'Use Class 0', 0, { 'conditioning.classLabel': 5 }),
  failing('Values that become NaN', file(nanBelow500()), 'Values became infinite or NaN at step {n} of {n} (λ {n}).', '{what} can be unstable: try a lower order or more steps.', 'Retry with Order 1', 1),
  {
    ...refused('A class that the model does not have', () => 'digits', 'digits has no class 99.', 'Choose one of its 10 classes (an index from 0 to 9, or a name): {names}; or none.', { button: 'Use Class none' }),
    happens: async ({ generate }) => ({ error: (await generate({ 'model.path': 'digits', 'conditioning.classLabel': 99 })).error }),
  },
  {
    ...refused('A batch that a graph of fixed size does not fill', file(network(identity, { batch: 2 })), '{model} was exported for 2 images at once, which a batch of 3 does not fill.', 'Use a batch size that is a multiple of 2, or export the model with a free batch dimension.', { button: 'Use a Batch of 4' }),
    happens: async ({ generate }) => ({ error: (await generate({ 'model.path': file(network(identity, { batch: 2 }))(), 'noise.batch': 3 })).error }),
  },
  {
    ...refused('A file that is replaced by a broken one between two runs', () => '', '{file} is not a readable ONNX file: it is damaged or was cut short.', again),
    happens: async ({ generate }) => {
      const model = join(newFolder(), 'model.onnx')
      copyFileSync('media/models/digits/unet/model.onnx', model)
      const first = await generate({ 'model.path': model, 'solver.steps': 2 })
      if (first.outcome !== 'finished') throw new Error(first.error?.message)
      rmSync(model)
      writeFileSync(model, digits().subarray(0, 1_000_000))
      const { error } = await generate({ 'model.path': model })
      rmSync(first.folder, { recursive: true })
      return { error }
    },
  },
]

export const modelFaults: FaultGroup[] = [
  { title: 'Files that are no model', about: 'The model is looked at before a run begins; the engine goes on.', faults: files },
  { title: 'Models that cannot be run', about: 'The same, once ONNX Runtime has read the graph.', faults: graphs },
  { title: 'Evaluations that fail', about: 'The model was loaded, and a run began.', faults: evaluations },
]
