import type { RunDocument } from '../protocol/run'
import type { Recipe } from '../recipe/recipe'
import { algorithms, ofMethods, ofOrders } from '../recipe/solverName'
import type { Plan } from '../sampler/types'

/** What ran, in words: `DPM-Solver++ multistep, order 2 (steps of order 1, 18×2, 1), spacing logSNR, final σ zero`. */
export function solverInWords({ solver, schedule, input }: Recipe, plan: Plan): string {
  const { algorithm, method, order } = solver
  if (input.task === 'noise') return `forward process (${input.way}) over ${plan.steps.length} levels`
  const name = [algorithms[algorithm], ...(ofMethods.includes(algorithm) ? [method] : [])].join(' ')
  const { adaptive } = plan
  const steps = adaptive ? `steps within atol ${adaptive.atol} and rtol ${adaptive.rtol}` : `steps of order ${runs(plan.steps.map((step) => step.order))}`
  const task = input.task === 'sample' ? '' : `, ${input.task}`
  return `${name}${ofOrders.includes(algorithm) ? `, order ${adaptive ? order : Math.max(...plan.steps.map((step) => step.order))}` : ''} (${steps})${adaptive ? '' : `, spacing ${schedule.spacing}`}, final σ ${solver.finalSigma}${task}`
}

/** `1, 2, 2, 2, 1` as `1, 3×2, 1`. */
function runs(orders: number[]): string {
  const parts: { order: number; count: number }[] = []
  for (const order of orders) {
    const last = parts.at(-1)
    if (last?.order === order) last.count++
    else parts.push({ order, count: 1 })
  }
  return parts.map(({ order, count }) => count === 1 ? String(order) : `${count}×${order}`).join(', ')
}

/** Which provider runs, or which server evaluates, and of each other provider that was tried why it does not. */
export function providerInWords({ engine: { provider: ran, adapter, tried, server } }: Pick<RunDocument, 'engine'>): string {
  const provider = adapter === 'software' ? `${ran}, software adapter` : ran
  if (server) return `${provider} ${server.url}`
  const others = tried.filter(({ error }) => error !== undefined).map(({ provider: name, error }) => `${name}: ${error}`)
  return others.length === 0 ? provider : `${provider} (not ${others.join('; not ')})`
}

/** `1234` or `1234 … 1249`. */
export function seedsInWords(seeds: string[]): string {
  return seeds.length === 1 ? seeds[0]! : `${seeds[0]} … ${seeds.at(-1)}`
}

/** Names of the classes fed to the batch: one where all are the same, at most twelve. */
export function classesInWords({ labels, model }: Pick<RunDocument, 'labels' | 'model'>): string | null {
  if (!labels) return null
  const names = labels.map((label) => label === model.classes?.nullLabel ? 'none' : model.classes?.names[label] ?? String(label))
  const shown = new Set(names).size === 1 ? names.slice(0, 1) : names.slice(0, 12)
  return shown.length === 1 || shown.length === names.length ? shown.join(', ') : `${shown.join(', ')}, …`
}

/** λ to a number of digits, ∞ where σ = 0. */
export function lambdaInWords(lambda: number, digits: number): string {
  return lambda === Infinity ? '∞' : lambda === -Infinity ? '−∞' : lambda.toFixed(digits)
}

/** A duration of at least a second in seconds, below in milliseconds. */
export function duration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`
}

/** Lines of `label  text`, the labels padded to one width. */
export function aligned(rows: readonly (readonly [label: string, text: string])[]): string {
  return rows.map(([label, text]) => `${label.padEnd(10)}${text}\n`).join('')
}

/** Text columns, right-aligned. */
export function table(head: string[], rows: string[][]): string {
  const width = (column: number): number => Math.max(...[head, ...rows].map((row) => [...row[column]!].length))
  const widths = head.map((_, column) => width(column))
  return [head, ...rows].map((row) => `${row.map((cell, column) => ' '.repeat(widths[column]! - [...cell].length) + cell).join('  ').trimEnd()}\n`).join('')
}

/** Guidance with what belongs to it; empty where there is none. */
export function guidanceInWords({ guidance: { scale, rescale, interval: [from, to], classifier, classifierScale } }: Recipe): string {
  const own = scale === 1 ? [] : [`${scale}${rescale > 0 ? `, rescaled by ${rescale}` : ''}${from === undefined || to === undefined ? '' : `, σ/α from ${from} to ${to}`}`]
  return [...own, ...(classifier === '' ? [] : [`classifier ${classifier} × ${classifierScale}`])].join('; ')
}

/** The image that a run is made from, and its mask; empty where there is none. */
export function imageInWords({ input: { image, mask, task } }: Recipe): string {
  return image === '' ? '' : `${image}${mask === '' || task !== 'sample' ? '' : `, mask ${mask}`}`
}
