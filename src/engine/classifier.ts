import { basename, isAbsolute } from 'node:path'
import type { EngineOptions, RunLoading } from '../protocol/engine'
import type { ModelFacts, TensorFacts } from '../recipe/model'
import { DpmError } from '../sampler/errors'
import type { Gradient } from '../sampler/guidance'
import { orList, t } from '../sampler/text'
import { openGraph } from './graphFile'
import { plainWords } from './modelError'
import { Network, type GraphTensors } from './network'
import type { Providers } from './providers'
import { loadRuntime, type Session } from './runtime'
import { answerOf, described, fixedBatchOf, floats, integers, tensorFacts, times } from './tensorFacts'

const wanted = t('sample [batch, channels, height, width], timestep (a number, or one for each item) and class_labels [batch]')

/** The classifier of a run: a graph that gives ∇ₓ log p(y | x). */
export interface Classifier {
  path: string
  bytes: number
  session: Session
  tensors: GraphTensors
}

/**
 * Opens `guidance.classifier`: an ONNX file with the inputs `sample` (a noisy state on the scale of the model's own schedule), `timestep` (the label that the model is fed there) and
 * `class_labels`, each as a model may have it, and one output of the shape of sample (`out_sample`, or the first): the gradient of log p(class | sample) with respect to sample, for
 * every item of its own class.
 * @param facts of the model that is guided
 * Throws DpmError at `guidance.classifier` where the path is relative, the file is missing or it is no such graph.
 */
export async function openClassifier(path: string, facts: ModelFacts, providers: Providers, engine: EngineOptions, loading: (what: Omit<RunLoading, 'runId'>) => void): Promise<Classifier> {
  if (!isAbsolute(path)) throw refused(t('guidance.classifier is {0}, and nothing says which folder that counts from.', path), t('Choose the file again, or give its whole path.'))
  try {
    const file = openGraph(path)
    const { session } = await providers.open(loadRuntime(), file, engine, (candidate) => { loading({ file: basename(path), bytes: file.bytes, provider: candidate }) })
    const [inputs, outputs] = [session.inputMetadata.map(tensorFacts), session.outputMetadata.map(tensorFacts)]
    const wrong = whatIsWrong(inputs, outputs, facts)
    if (wrong !== undefined) {
      await session.release()
      throw refused(t('{0} {1}.', path, wrong), t('Give an ONNX graph with the inputs {0} and the gradient as its output, of the shape of sample.', wanted))
    }
    return { path: file.path, bytes: file.bytes, session, tensors: { shape: facts.shape, inputs, outputs, fixedBatch: fixedBatchOf(inputs) } }
  } catch (error) {
    if (!(error instanceof DpmError) || error.field === 'guidance.classifier') throw error
    throw refused(error.message, error.advice, error)
  }
}

function whatIsWrong(inputs: TensorFacts[], outputs: TensorFacts[], { shape }: ModelFacts): string | undefined {
  const names = inputs.map(({ name }) => name)
  if ([...names].sort().join() !== 'class_labels,sample,timestep') return t('has the inputs {0}; expected are sample, timestep and class_labels', names.join(', ') || t('none'))
  const of = (name: string): TensorFacts => inputs.find((input) => input.name === name)!
  const fits = (tensor: TensorFacts): boolean => tensor.shape.length === 4 && shape.every((size, axis) => typeof tensor.shape[axis + 1] !== 'number' || tensor.shape[axis + 1] === size)
  const image = `[batch, ${shape.join(', ')}]`
  const [sample, timestep, labels] = [of('sample'), of('timestep'), of('class_labels')]
  if (!floats.includes(sample.type) || !fits(sample)) return t('takes sample as {0}, where the model’s is {1} of {2}', described(sample), image, orList(floats))
  if (!times.includes(timestep.type) || timestep.shape.length > 1) return t('takes timestep as {0}; known are a number or one for each item', described(timestep))
  if (!integers.includes(labels.type) || labels.shape.length !== 1) return t('takes class_labels as {0}; known is one whole number for each item', described(labels))
  const output = answerOf(outputs)
  if (!output || !floats.includes(output.type) || !fits(output)) return t('gives {0}; expected is a gradient of the shape of sample, {1}', output ? described(output) : t('nothing'), image)
  return undefined
}

/** The gradient as the sampler asks it. Items without a class (the null label) have none. */
export class Slope {
  private readonly network: Network

  /** @param labels class label of each batch item */
  constructor(classifier: Classifier, private readonly labels: readonly number[], private readonly nullLabel: number | null) {
    this.network = new Network(loadRuntime(), classifier.session, classifier.tensors, labels.length, [])
  }

  get runMs(): number { return this.network.runMs }

  readonly gradient: Gradient = async (x, at) => {
    const items = at.items ?? this.labels.map((_, item) => item)
    const size = x.length / items.length
    const places = items.map((_, place) => place).filter((place) => this.labels[items[place]!] !== this.nullLabel)
    const out = new Float32Array(x.length)
    if (places.length === 0) return out
    const { network } = this
    places.forEach((place, k) => { network.sample.set(x.subarray(place * size, (place + 1) * size), k * size) })
    network.setLabels(places.map((place) => this.labels[items[place]!]!))
    const slope = await network.evaluate(at.labels ? places.map((place) => at.labels![place]!) : at.label, places.length).catch((error: unknown) => {
      throw refused(t('The classifier failed at evaluation {0}: {1}', at.evaluation, error instanceof DpmError ? error.message : plainWords(error)), t('Choose another classifier, or leave it out.'), error)
    })
    places.forEach((place, k) => { out.set(slope.subarray(k * size, (k + 1) * size), place * size) })
    return out
  }
}

function refused(message: string, advice: string, cause?: unknown): DpmError {
  return new DpmError({
    reason: 'recipeInvalid', field: 'guidance.classifier', message, advice, remedy: { title: t('Leave the Classifier Out'), set: { 'guidance.classifier': '' } },
  }, { cause })
}
