import type { RowEvent, RunDocument } from '../protocol/run'
import { algorithms } from '../sampler/algorithms'
import { DpmError, type ErrorReport, type Remedy } from '../sampler/errors'
import { closedForm, server } from '../protocol/providerNames'
import { t } from '../sampler/text'
import { plainWords } from './modelError'

const selectModel: Remedy = { title: t('Select Model…'), command: 'selectModel' }
const useCpu: Remedy = { title: t('Use CPU'), command: 'useCpu' }

/** Memory that was refused: in ONNX Runtime's words, in those of CUDA's matrix library, or in V8's for an array. */
const refused = /Failed to allocate memory|bad_alloc|out of memory|CUBLAS failure 3\b|Array buffer allocation failed|Invalid typed array length/i

/** An array that could not be made, as a sentence about the batch; anything else as it is. */
export function allocationError(error: unknown, batch: number): unknown {
  return error instanceof RangeError && refused.test(error.message) ? outOfMemory(t('The tensors of this run do not fit into memory.'), batch, error) : error
}

function outOfMemory(message: string, batch: number, cause: unknown): DpmError {
  const [advice, remedy]: [string, Remedy] = batch > 1 ? [t('Use a smaller batch.'), { title: t('Use a Batch of 1'), set: { 'noise.batch': 1 } }] : [t('Close other programs, or choose a smaller model.'), selectModel]
  return new DpmError({ reason: 'evaluationFailed', message, advice, remedy }, { cause })
}

/** What ONNX Runtime threw during an evaluation, as a sentence that names the evaluation. */
export function evaluationError(error: unknown, evaluation: number, { plan, shape: [batch], engine }: RunDocument): DpmError {
  if (error instanceof DpmError) return error
  const at = plan.adaptive ? t('evaluation {0}', evaluation) : t('evaluation {0} of {1}', evaluation, plan.evaluations)
  const failed = (message: string, advice: string, remedy: Remedy): DpmError => new DpmError({ reason: 'evaluationFailed', message, advice, remedy }, { cause: error })
  const text = String(error)
  if (refused.test(text)) return outOfMemory(t('The network ran out of memory at {0}.', at), batch, error)
  const label = /idx=(-?\d+) must be within the inclusive range \[-?\d+,(\d+)\]/.exec(text)
  if (label) return failed(t('The network knows the labels 0 to {0}, and {1} was fed to it.', label[2]!, label[1]!), t('Choose another class, or correct num_class_embeds in the model’s config.json.'), { title: t('Use Class 0'), set: { 'conditioning.classLabel': 0 } })
  const what = t('The network failed at {0}: {1}', at, plainWords(error))
  return engine.provider === 'cpu' ? failed(what, t('Choose another model.'), selectModel) : failed(what, t('Use the CPU, which supports every operator.'), useCpu)
}

/** A row whose values are not all finite: names its step, and offers what most often causes it, the most likely first. */
export function nonFiniteError({ row, level: { lambda } }: RowEvent, { plan, recipe, engine }: RunDocument): ErrorReport {
  const { order, algorithm } = recipe.solver
  const { scale, classifier, classifierScale } = recipe.guidance
  const step = plan.adaptive ? t('step {0}', row) : t('step {0} of {1}', row, plan.steps.length)
  const report = (advice: string, remedy: Remedy): ErrorReport => ({
    reason: 'nonFinite', message: t('Values became infinite or NaN at {0} (λ {1}).', step, Number.isFinite(lambda) ? lambda.toFixed(2) : '∞'), advice, remedy,
  })
  if (row > 0 && scale > 1) {
    const lower = Math.max(1, Math.round(scale * 5) / 10)
    return report(t('A guidance scale of {0} can drive the state away: try a smaller one.', scale), { title: t('Retry with Guidance {0}', lower), set: { 'guidance.scale': lower } })
  }
  if (row > 0 && classifier !== '' && classifierScale > 1) {
    const lower = Math.max(1, Math.round(classifierScale * 5) / 10)
    return report(t('A classifier scale of {0} can drive the state away: try a smaller one.', classifierScale), { title: t('Retry with Classifier Scale {0}', lower), set: { 'guidance.classifierScale': lower } })
  }
  // Algorithms of one order take theirs, whatever the recipe says.
  const lower = order - 1 as 0 | 1 | 2
  if (row > 0 && !plan.adaptive && lower > 0 && algorithms[algorithm]?.orders.includes(lower as 1 | 2)) return report(t('Order {0} with {1} steps can be unstable: try a lower order or more steps.', order, recipe.solver.steps), { title: t('Retry with Order {0}', lower), set: { 'solver.order': lower } })
  if (!['cpu', closedForm, server].includes(engine.provider)) return report(t('The provider {0} may compute this model wrongly: try the CPU.', engine.provider), useCpu)
  return report(t('The network itself gives such values here: check its prediction type, or choose another model.'), selectModel)
}
