import type { ClassFacts, ModelFacts, TensorFacts } from '../recipe/model'
import { assumedScheduler, type SchedulerFacts } from '../recipe/schedulerConfig'
import { withoutLearnedVariance } from '../recipe/solverOffer'
import { dynamicShift } from '../sampler/schedule/flow'
import { andList, t } from '../sampler/text'
import type { ScheduleSpec } from '../sampler/types'
import type { GraphFile } from './graphFile'
import { decoderOf, latentNote, latentsOf } from './latentFacts'
import { choose, type Json, type ModelFolder } from './modelFolder'
import { answerOf, described, fixedBatchOf, floats, integers, times } from './tensorFacts'

/** More classes than any model has; a list is made of them. */
const mostClasses = 100_000
const advice = t('Choose a pixel-space model with the inputs sample, timestep and optionally class_labels.')

/** How many class labels the files beside a graph say that it knows, the null label counted; undefined where they do not. */
export function statedLabels({ network, index }: ModelFolder): number | undefined {
  return wholeNumber(network['num_class_embeds']) ?? (Object.keys(namesOf(index)).length > 0 ? Object.keys(namesOf(index)).length + 1 : undefined)
}

/**
 * What is known of a model, from its graph's inputs and outputs and its configuration files.
 * @param known how many class labels it knows, the null label counted; undefined: not known
 * Throws DpmError `notADiffusionModel` (with the inputs found and expected) or `modelUnsupported`.
 */
export function modelFacts(model: ModelFolder, file: Pick<GraphFile, 'path' | 'bytes'>, inputs: TensorFacts[], outputs: TensorFacts[], known: number | undefined): ModelFacts {
  const unsupported = (what: string): Error => choose('modelUnsupported', t('{0} {1}.', model.graph, what), advice)
  const input = (name: string): TensorFacts | undefined => inputs.find((tensor) => tensor.name === name)
  const [sample, timestep, labels] = ['sample', 'timestep', 'class_labels'].map(input)
  const extra = inputs.filter(({ name }) => !['sample', 'timestep', 'class_labels'].includes(name))
  if (sample && timestep && extra.some(({ name }) => name === 'encoder_hidden_states')) throw unsupported(t('is conditioned on text (input encoder_hidden_states), which cannot be given here'))
  if (!sample || !timestep || extra.length > 0) {
    throw choose('notADiffusionModel', t('{0} has the inputs {1}; expected are sample, timestep and optionally class_labels.', model.graph, listed(inputs)), advice)
  }
  if (!floats.includes(sample.type)) throw unsupported(t('takes sample as {0}; known are {1}', sample.type, andList(floats)))
  if (!times.includes(timestep.type) || timestep.shape.length > 1) throw unsupported(t('takes timestep as {0}; known are a number or one for each batch item, in {1}', described(timestep), times.join(', ')))
  if (labels && (!integers.includes(labels.type) || labels.shape.length !== 1)) throw unsupported(t('takes class_labels as {0}; known is one {1} for each batch item', described(labels), integers[0]!))
  const shape = shapeOf(sample, model.network, unsupported)
  const decoder = decoderOf(model)
  const latents = latentsOf(model, shape[0])
  if (decoder && !latents) throw unsupported(t('works in a latent space ({0} has a {1}) of which no pictures can be made here', model.name, decoder))
  const learnsVariance = checkOutput(outputs, shape, model, unsupported)

  const scheduler = model.scheduler ?? assumedScheduler
  const { predictionType, sigmaData, solverOffer, notes } = scheduler
  return {
    path: model.path, name: model.name, kind: model.kind, graph: file.path, bytes: file.bytes, inputs, outputs, shape, ...(latents ? { latents } : {}), fixedBatch: fixedBatchOf(inputs),
    classes: labels ? classFacts(model, known) : null, integerTime: integers.includes(timestep.type),
    predictionType, predictionTypeAssumed: !model.scheduler, schedule: scheduleFor(scheduler, shape), scheduleAssumed: !model.scheduler,
    solverOffer: learnsVariance ? solverOffer : withoutLearnedVariance(solverOffer), sigmaData, learnsVariance, statistic: model.statistic,
    notes: [...notes, ...model.notes, ...(latents ? [latentNote(model.name)] : []), ...(model.scheduler ? [] : [t('{0} comes without a scheduler_config.json: ε-prediction and DDPM’s linear schedule of 1,000 steps are assumed.', model.name)])],
  }
}

function shapeOf(sample: TensorFacts, network: Json, unsupported: (what: string) => Error): ModelFacts['shape'] {
  if (sample.shape.length !== 4) throw unsupported(t('takes sample as {0}; expected is [batch, channels, height, width]', described(sample)))
  const size = network['sample_size']
  const [height, width] = Array.isArray(size) ? size as unknown[] : [size, size]
  const stated = [network['in_channels'], height, width]
  const shape = [1, 2, 3].map((axis) => {
    const known = typeof sample.shape[axis] === 'number' ? sample.shape[axis] : stated[axis - 1]
    if (typeof known === 'number' && Number.isInteger(known) && known > 0) return known
    throw unsupported(t('takes images of any size, and no config.json beside it says {0}', axis === 1 ? 'in_channels' : 'sample_size'))
  }) as [number, number, number]
  if (![1, 3, 4, 16].includes(shape[0])) throw unsupported(t('works on {0} channels; known are 1 and 3 of pixels, 4 and 16 of latents', shape[0]))
  return shape
}

/** True where the network returns a variance beside its prediction: as many channels again, by its graph or, where that leaves them open, by its config.json. */
function checkOutput(outputs: TensorFacts[], [channels]: ModelFacts['shape'], { graph, network }: ModelFolder, unsupported: (what: string) => Error): boolean {
  const output = answerOf(outputs)
  const stated = output?.shape[1]
  const got = typeof stated === 'number' ? stated : wholeNumber(network['out_channels']) ?? channels
  if (!output || output.shape.length !== 4 || (got !== channels && got !== 2 * channels)) {
    throw choose('notADiffusionModel', t('{0} gives {1}; expected is one output of the shape of sample, or with a variance of as many channels beside it.', graph, listed(outputs)), advice)
  }
  if (!floats.includes(output.type)) throw unsupported(t('gives its output as {0}; known are {1}', output.type, andList(floats)))
  return got === 2 * channels
}

/** A flow's shift may follow from the size of the image: of its tokens, one for each 2×2 pixels. */
function scheduleFor({ schedule, dynamicShift: shift }: SchedulerFacts, [, height, width]: ModelFacts['shape']): ScheduleSpec {
  return schedule.kind === 'flow' && shift ? { ...schedule, shift: dynamicShift(height * width / 4, shift) } : schedule
}

/** num_class_embeds counts the null label; id2label of model_index.json names the classes. */
function classFacts({ network, index, graph }: ModelFolder, embeddings: number | undefined): ClassFacts {
  const names = namesOf(index)
  if (embeddings === undefined || embeddings < 1) {
    throw choose('modelUnsupported', t('{0} takes class_labels, and nothing says how many there are (num_class_embeds).', graph), t('Put it in a folder as unet/model.onnx, with a unet/config.json that says so, or choose another model.'))
  }
  if (embeddings > mostClasses) throw choose('modelUnsupported', t('The config.json of {0} gives num_class_embeds as {1}, more than {2}.', graph, embeddings, mostClasses), t('Correct config.json, or choose another model.'))
  const stated = wholeNumber(network['null_class_label'])
  if (stated !== undefined && stated >= embeddings) throw choose('modelUnsupported', t('The config.json of {0} gives null_class_label {1}, but num_class_embeds is {2}.', graph, stated, embeddings), t('Correct config.json, or choose another model.'))
  const nullLabel = stated ?? embeddings - 1
  const count = nullLabel === embeddings - 1 ? embeddings - 1 : embeddings
  return {
    count, names: Array.from({ length: count }, (_, label) => typeof names[label] === 'string' ? names[label] : String(label)),
    nullLabel, nullLabelAssumed: stated === undefined,
  }
}

function namesOf(index: Json): Json {
  return typeof index['id2label'] === 'object' && index['id2label'] !== null ? index['id2label'] as Json : {}
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
}

function listed(tensors: readonly TensorFacts[]): string {
  return tensors.length === 0 ? 'none' : tensors.slice(0, 12).map(described).join(', ') + (tensors.length > 12 ? ', …' : '')
}
