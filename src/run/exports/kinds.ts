import { t } from '../../sampler/text'

/** A form that a whole trajectory can be saved in. */
export interface ExportKind {
  title: string
  detail: string
  /** Of the file, without a dot; null: a folder is written. */
  extension: string | null
}

/** In the order in which they are offered. */
export const exportKinds = {
  pngSequence: { title: t('PNG Sequence'), detail: t('A folder with x_t and x̂₀ of every step as PNG files'), extension: null },
  apng: { title: t('Animated PNG'), detail: t('x_t beside x̂₀, step by step, without loss'), extension: 'png' },
  gif: { title: t('GIF'), detail: t('x_t beside x̂₀, step by step, in 256 colours'), extension: 'gif' },
  webm: { title: t('WebM Video'), detail: t('x_t beside x̂₀, step by step, encoded by the preview page'), extension: 'webm' },
  contactSheet: { title: t('Contact Sheet'), detail: t('One PNG: x̂₀ of every step, a row for each image of the batch'), extension: 'png' },
  npz: { title: t('NumPy Arrays (.npz)'), detail: t('x, x̂₀ and the levels as numpy.load reads them'), extension: 'npz' },
  dpmrun: { title: t('Recorded Run (.dpmrun)'), detail: t('The whole run in one file, which opens here again; a valid safetensors file'), extension: 'dpmrun' },
  csv: { title: t('CSV'), detail: t('The numbers of every step: level, order, evaluations, time, statistics'), extension: 'csv' },
} as const satisfies Record<string, ExportKind>
export type ExportKindName = keyof typeof exportKinds
/** True for the name of a form. */
export const isExportKind = (name: unknown): name is ExportKindName => typeof name === 'string' && Object.hasOwn(exportKinds, name)
