import type { RowEvent, RunDocument } from '../protocol/run'
import { algorithms } from '../sampler/algorithms'
import { DpmError, type ErrorReport, type Remedy } from '../sampler/errors'
import { closedForm, server } from '../protocol/providerNames'
import { plainWords } from './modelError'

const selectModel: Remedy = { title: 'Select Model…', command: 'selectModel' }
const useCpu: Remedy = { title: 'Use CPU', command: 'useCpu' }

/** Memory that was refused: in ONNX Runtime's words, or in V8's for an array. */
const refused = /Failed to allocate memory|bad_alloc|out of memory|Array buffer allocation failed|Invalid typed array length/i

/** An array that could not be made, as a sentence about the batch; anything else as it is. */
export function allocationError(error: unknown, batch: number): unknown {
  return error instanceof RangeError && refused.test(error.message) ? outOfMemory('The tensors of this run do not fit into memory.', batch, error) : error
}

function outOfMemory(message: string, batch: number, cause: unknown): DpmError {
  const [advice, remedy]: [string, Remedy] = batch > 1 ? ['Use a smaller batch.', { title: 'Use a Batch of 1', set: { 'noise.batch': 1 } }] : ['Close other programs, or choose a smaller model.', selectModel]
  return new DpmError({ reason: 'evaluationFailed', message, advice, remedy }, { cause })
}

/** What ONNX Runtime threw during an evaluation, as a sentence that names the evaluation. */
export function evaluationError(error: unknown, evaluation: number, { plan, shape: [batch], engine }: RunDocument): DpmError {
  if (error instanceof DpmError) return error
  const at = plan.adaptive ? `evaluation ${evaluation}` : `evaluation ${evaluation} of ${plan.evaluations}`
  const failed = (message: string, advice: string, remedy: Remedy): DpmError => new DpmError({ reason: 'evaluationFailed', message, advice, remedy }, { cause: error })
  const text = String(error)
  if (refused.test(text)) return outOfMemory(`The network ran out of memory at ${at}.`, batch, error)
  const label = /idx=(-?\d+) must be within the inclusive range \[-?\d+,(\d+)\]/.exec(text)
  if (label) return failed(`The network knows the labels 0 to ${label[2]}, and ${label[1]} was fed to it.`, 'Choose another class, or correct num_class_embeds in the model’s config.json.', { title: 'Use Class 0', set: { 'conditioning.classLabel': 0 } })
  const what = `The network failed at ${at}: ${plainWords(error)}`
  return engine.provider === 'cpu' ? failed(what, 'Choose another model.', selectModel) : failed(what, 'Use the CPU, which supports every operator.', useCpu)
}

/** A row whose values are not all finite: names its step, and offers what most often causes it, the most likely first. */
export function nonFiniteError({ row, level: { lambda } }: RowEvent, { plan, recipe, engine }: RunDocument): ErrorReport {
  const { order, algorithm } = recipe.solver
  const { scale, classifier, classifierScale } = recipe.guidance
  const step = plan.adaptive ? `step ${row}` : `step ${row} of ${plan.steps.length}`
  const report = (advice: string, remedy: Remedy): ErrorReport => ({
    reason: 'nonFinite', message: `Values became infinite or NaN at ${step} (λ ${Number.isFinite(lambda) ? lambda.toFixed(2) : '∞'}).`, advice, remedy,
  })
  if (row > 0 && scale > 1) {
    const lower = Math.max(1, Math.round(scale * 5) / 10)
    return report(`A guidance scale of ${scale} can drive the state away: try a smaller one.`, { title: `Retry with Guidance ${lower}`, set: { 'guidance.scale': lower } })
  }
  if (row > 0 && classifier !== '' && classifierScale > 1) {
    const lower = Math.max(1, Math.round(classifierScale * 5) / 10)
    return report(`A classifier scale of ${classifierScale} can drive the state away: try a smaller one.`, { title: `Retry with Classifier Scale ${lower}`, set: { 'guidance.classifierScale': lower } })
  }
  // Algorithms of one order take theirs, whatever the recipe says.
  const lower = order - 1 as 0 | 1 | 2
  if (row > 0 && !plan.adaptive && lower > 0 && algorithms[algorithm]?.orders.includes(lower as 1 | 2)) return report(`Order ${order} with ${recipe.solver.steps} steps can be unstable: try a lower order or more steps.`, { title: `Retry with Order ${lower}`, set: { 'solver.order': lower } })
  if (!['cpu', closedForm, server].includes(engine.provider)) return report(`The provider ${engine.provider} may compute this model wrongly: try the CPU.`, useCpu)
  return report('The network itself gives such values here: check its prediction type, or choose another model.', selectModel)
}
