import { basename, relative } from 'node:path'
import type { ErrorReport } from '../sampler/errors'
import type { Sampled } from './sample'
import { aligned, classesInWords, duration, guidanceInWords, imageInWords, providerInWords, seedsInWords, solverInWords } from './words'

/** What a run came to, for people. */
export function sampledText({ run, end, images, contactSheet }: Sampled): string {
  const { document, folder } = run
  const { recipe, plan, model } = document
  const classes = classesInWords(document)
  const here = relative('.', folder)
  const taken = end.evaluationMs === undefined || end.evaluations === 0 ? '' : ` (${duration(end.evaluationMs / end.evaluations)} an evaluation)`
  const rows: [label: string, text: string][] = [
    ['model', `${model.name}, ${document.shape.join('×')}${classes === null ? '' : `, class ${classes}`}`],
    ['solver', solverInWords(recipe, plan)],
    ['guidance', guidanceInWords(recipe)],
    ['image', imageInWords(recipe)],
    ['estimate', recipe.solver.thresholding && !model.latents ? `${recipe.solver.thresholdingForm === 'clip' ? 'clipped' : `thresholded (${recipe.solver.thresholdingForm})`} to ±${recipe.solver.thresholdingMax}` : ''],
    ['NFE', `${end.evaluations}${end.outcome === 'stopped' ? `${plan.adaptive ? '' : ` of ${plan.evaluations}`}, stopped; the images show the estimate x̂₀ at that step` : ''}`],
    ['seed', `${seedsInWords(document.seeds)}${recipe.noise.generator.startsWith('philox') ? '' : ` (${recipe.noise.generator})`}`],
    ['provider', providerInWords(document)],
    ['time', `${duration(end.ms)}${taken}`],
    ['files', `${here.startsWith('..') ? folder : here}/`],
  ]
  const names = [...(contactSheet ? [contactSheet] : []), ...images].map((file) => basename(file))
  const listed = names.length > 3 ? [names.slice(0, 2).join(', '), '…', names.at(-1)].join(' ') : names.join(', ')
  return `${aligned(rows.filter(([, text]) => text !== ''))}${' '.repeat(10)}${[listed, 'run.json, events.jsonl, states.f32'].filter(Boolean).join(', ')}\n`
}

/** What a run came to, for programs: the one object of `--json`. */
export function sampledJson({ run, end, images, contactSheet }: Sampled): Record<string, unknown> {
  const { document } = run
  return {
    runFolder: run.folder, images, contactSheet, outcome: end.outcome, nfe: end.evaluations, ms: end.ms, provider: document.engine.provider, tried: document.engine.tried,
    ...(document.engine.server ? { server: document.engine.server } : {}),
    seeds: document.seeds, labels: document.labels, notes: document.plan.notes, recipe: document.recipe,
  }
}

export function errorText({ message, advice }: ErrorReport): string {
  return `${message}\n${advice}\n`
}

export function errorJson({ reason, message, advice }: ErrorReport): Record<string, unknown> {
  return { error: { reason, message, advice } }
}
