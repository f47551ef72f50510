import { comparedInWords } from '../protocol/comparison'
import type { EngineInfo } from '../protocol/engineInfo'
import { closedForm, providerName, server as onServer } from '../protocol/providerNames'

/** Engine Info as Markdown that reads well as plain text too. */
export function engineInfoText(info: EngineInfo): string {
  const { engine, threads, memory, remembered } = info
  return `${[
    '# DPM-Solver: Engine',
    list([
      `version ${engine.version}, process ${engine.pid}`, `ONNX Runtime ${engine.onnxruntime}, Node ${engine.node}, ${engine.platform}`,
      `threads of an evaluation on the CPU: ${threads.used} (${threads.asked > 0 ? 'as set' : `0 is set; ${plural(threads.cores, 'physical core')}, others want ${threads.load.toFixed(1)}`})`,
      `memory: ${megabytes(memory.resident)} resident, ${megabytes(memory.peak)} at most so far`,
    ]),
    '## Execution providers', providersTable(info), list([
      `WebGPU’s adapter: ${adapterInWords(info)}`,
      `chosen by auto: ${remembered.auto === null ? 'nothing yet' : providerName(remembered.auto)}${remembered.file === null ? '' : `, remembered in ${remembered.file}`}`,
    ]),
    '## Model', modelText(info),
  ].join('\n\n')}\n`
}

function providersTable({ providers, model, adapter }: EngineInfo): string {
  const software = (provider: string): string => provider === 'webgpu' && adapter.kind === 'software' ? ', on a software adapter' : ''
  const rows = providers.map(({ provider, built, bundled, error, tried }) => [
    providerName(provider), built ? bundled ? 'yes' : 'yes, its libraries apart' : 'no', provider === model?.provider ? `in use${software(provider)}` : error === null ? `runs${software(provider)}` : !built ? 'no' : tried ? `no: ${error}` : `not tried: ${error}`,
  ])
  const all = [['Provider', 'In this build', 'On this machine'], ...rows]
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(all[0]!), `|${[...widths, 15].map((width) => '-'.repeat(width + 2)).join('|')}|`, ...all.slice(1).map(line)].join('\n')
}

function adapterInWords({ adapter: { kind, how } }: EngineInfo): string {
  switch (kind) {
    case 'hardware': return `a GPU (${how})`
    case 'software': return `software, no GPU (${how})`
    case 'none': return `none (${how})`
    case 'unknown': return `not known (${how})`
  }
}

function modelText({ model }: EngineInfo): string {
  if (!model) return 'None was looked at: running models needs a trusted workspace.'
  const { path, name = path, provider, tried, nodes, unprofiled, comparison, server, error } = model
  if (error || provider === undefined) return list([path, `cannot be used: ${error?.message ?? ''} ${error?.advice ?? ''}`.trim()])
  return list([
    name === path ? name : `${name} (${path})`,
    provider === closedForm ? 'a formula, which this program evaluates itself' : provider === onServer ? `evaluated by the server at ${server?.url ?? ''} (${[server?.name, server?.version, server?.platform].filter(Boolean).join(' ')})` : `runs on ${providerName(provider)}`,
    ...tried.flatMap((one) => one.error === undefined ? [] : [`not on ${providerName(one.provider)}: ${one.error}`]),
    ...(nodes ? [nodesInWords(nodes)] : unprofiled === undefined ? [] : [`where its nodes run is not known: ${unprofiled}`]),
    ...(comparison ? [`an evaluation takes ${comparedInWords(comparison)}`] : []),
  ])
}

/** `305 of 371 nodes of an evaluation run on WebGpu (82 %), 66 on CPU`. */
function nodesInWords(nodes: Record<string, number>): string {
  const parts = Object.entries(nodes).sort(([, a], [, b]) => b - a)
  const total = parts.reduce((sum, [, count]) => sum + count, 0)
  return parts.map(([name, count], k) => k === 0 ? `${count} of ${total} nodes of an evaluation run on ${name} (${Math.floor(100 * count / total)} %)` : `${count} on ${name}`).join(', ')
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
