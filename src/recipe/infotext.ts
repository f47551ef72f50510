import type { Recipe } from './recipe'
import { solverName } from './solverName'

/** What other programs call algorithms of ours, by algorithm, method and order where these tell them apart. */
const samplers: Readonly<Record<string, string>> = {
  'dpmsolver++ multistep 2': 'DPM++ 2M', 'dpmsolver++ multistep 3': 'DPM++ 3M', 'dpmsolver++ singlestep 2': 'DPM++ 2S', 'sde-dpmsolver++ multistep 2': 'DPM++ 2M SDE', 'sde-dpmsolver++ multistep 3': 'DPM++ 3M SDE',
  euler: 'Euler', eulerAncestral: 'Euler a', heun: 'Heun', dpm2: 'DPM2', dpm2Ancestral: 'DPM2 a', dpmpp2sAncestral: 'DPM++ 2S a', dpmppSde: 'DPM++ SDE', lms: 'LMS', ddim: 'DDIM', pndm: 'PLMS', unipc: 'UniPC',
}
const schedules: Readonly<Record<string, string>> = { karras: 'Karras', exponential: 'Exponential', polyexponential: 'Polyexponential', beta: 'Beta', timeUniform: 'Uniform', ays: 'Align Your Steps' }

/**
 * A recipe as the line of text that Stable Diffusion programs keep in the `parameters` of a PNG file and read back: names of theirs where there
 * is one, else ours. `size`: width and height of the image; `labels`: the classes of the batch, or null; where none has one they are not named.
 */
export function infotext(recipe: Recipe, { model, size, labels, seed, version }: { model: string; size: readonly [width: number, height: number]; labels: readonly (number | 'none')[] | null; seed: string; version: string }): string {
  const { solver, schedule, guidance } = recipe
  const sampler = samplers[`${solver.algorithm} ${solver.method} ${solver.order}`] ?? samplers[solver.algorithm] ?? solverName(solver)
  const fields: [string, string | number][] = [
    ['Steps', solver.steps], ['Sampler', sampler], ['Schedule type', schedules[schedule.spacing] ?? schedule.spacing], ['CFG scale', guidance.scale], ['Seed', seed], ['Size', size.join('x')], ['Model', model],
    ...labels?.some((label) => label !== 'none') ? [['Class', [...new Set(labels)].join(' ')] as [string, string]] : [], ...guidance.rescale > 0 ? [['CFG Rescale phi', guidance.rescale] as [string, number]] : [], ['Version', `dpm-solver ${version}`],
  ]
  return fields.map(([name, value]) => `${name}: ${quoted(String(value))}`).join(', ')
}

/** Values with a comma, a colon or a line break stand in quotes, as JSON has them. */
const quoted = (value: string): string => /[,:\n"]/.test(value) ? JSON.stringify(value) : value
