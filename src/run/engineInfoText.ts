import { comparedInWords } from '../protocol/comparison'
import type { EngineInfo } from '../protocol/engineInfo'
import { closedForm, providerName, server as onServer } from '../protocol/providerNames'
import { t } from '../sampler/text'

/** Engine Info as Markdown that reads well as plain text too. */
export function engineInfoText(info: EngineInfo): string {
  const { engine, memory } = info
  return `${[
    `# ${t('DPM-Solver: Engine')}`,
    list([
      t('version {0}, process {1}', engine.version, engine.pid), `ONNX Runtime ${engine.onnxruntime}, Node ${engine.node}, ${engine.platform}`,
      threadsInWords(info),
      t('memory: {0} resident, {1} at most so far', megabytes(memory.resident), megabytes(memory.peak)),
    ]),
    `## ${t('Execution providers')}`, providersTable(info), list([
      t('WebGPU’s adapter: {0}', adapterInWords(info)),
      chosenInWords(info),
    ]),
    `## ${t('Model')}`, modelText(info),
  ].join('\n\n')}\n`
}

function threadsInWords({ threads: { used, asked, cores, load } }: EngineInfo): string {
  if (asked > 0) return t('threads of an evaluation on the CPU: {0} (as set)', used)
  return cores === 1 ? t('threads of an evaluation on the CPU: {0} (0 is set; 1 physical core, others want {1})', used, load.toFixed(1))
    : t('threads of an evaluation on the CPU: {0} (0 is set; {1} physical cores, others want {2})', used, cores, load.toFixed(1))
}

function chosenInWords({ remembered: { auto, file } }: EngineInfo): string {
  const chosen = auto === null ? t('nothing yet') : providerName(auto)
  return file === null ? t('chosen by auto: {0}', chosen) : t('chosen by auto: {0}, remembered in {1}', chosen, file)
}

function providersTable({ providers, model, adapter }: EngineInfo): string {
  const onMachine = ({ provider, built, error, tried }: EngineInfo['providers'][number]): string => {
    const software = provider === 'webgpu' && adapter.kind === 'software'
    if (provider === model?.provider) return software ? t('in use, on a software adapter') : t('in use')
    if (error === null) return software ? t('runs, on a software adapter') : t('runs')
    return !built ? t('no') : tried ? t('no: {0}', error) : t('not tried: {0}', error)
  }
  const rows = providers.map((one) => [providerName(one.provider), one.built ? one.bundled ? t('yes') : t('yes, its libraries apart') : t('no'), onMachine(one)])
  const all = [[t('Provider'), t('In this build'), t('On this machine')], ...rows]
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(all[0]!), `|${[...widths, 15].map((width) => '-'.repeat(width + 2)).join('|')}|`, ...all.slice(1).map(line)].join('\n')
}

function adapterInWords({ adapter: { kind, how } }: EngineInfo): string {
  switch (kind) {
    case 'hardware': return t('a GPU ({0})', how)
    case 'software': return t('software, no GPU ({0})', how)
    case 'none': return t('none ({0})', how)
    case 'unknown': return t('not known ({0})', how)
  }
}

function modelText({ model }: EngineInfo): string {
  if (!model) return t('None was looked at: running models needs a trusted workspace.')
  const { path, name = path, provider, tried, nodes, unprofiled, comparison, server, error } = model
  if (error || provider === undefined) return list([path, t('cannot be used: {0} {1}', error?.message ?? '', error?.advice ?? '').trim()])
  return list([
    name === path ? name : `${name} (${path})`,
    provider === closedForm ? t('a formula, which this program evaluates itself')
      : provider === onServer ? t('evaluated by the server at {0} ({1})', server?.url ?? '', [server?.name, server?.version, server?.platform].filter(Boolean).join(' ')) : t('runs on {0}', providerName(provider)),
    ...tried.flatMap((one) => one.error === undefined ? [] : [t('not on {0}: {1}', providerName(one.provider), one.error)]),
    ...(nodes ? [nodesInWords(nodes)] : unprofiled === undefined ? [] : [t('where its nodes run is not known: {0}', unprofiled)]),
    ...(comparison ? [t('an evaluation takes {0}', comparedInWords(comparison))] : []),
  ])
}

/** `305 of 371 nodes of an evaluation run on WebGpu (82 %), 66 on CPU`. */
function nodesInWords(nodes: Record<string, number>): string {
  const parts = Object.entries(nodes).sort(([, a], [, b]) => b - a)
  const total = parts.reduce((sum, [, count]) => sum + count, 0)
  return parts.map(([name, count], k) => k === 0 ? t('{0} of {1} nodes of an evaluation run on {2} ({3} %)', count, total, name, Math.floor(100 * count / total)) : t('{0} on {1}', count, name)).join(', ')
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
