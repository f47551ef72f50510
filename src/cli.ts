import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import { errorJson, errorText, sampledJson, sampledText } from './cli/answer'
import { demoOptions } from './cli/demo'
import { estimatedText, estimateFlags, estimateInto, estimateOptions } from './cli/estimate'
import { exportFlags, exportInto } from './cli/export'
import { inOptions, usageError } from './cli/failure'
import { engineFrom, keepFlags, keepFrom, otherFields, recipeFlags, recipeFrom, type FlagValues } from './cli/flags'
import { metadataFlag, metadataOf } from './cli/metadata'
import { planTable } from './cli/plan'
import { progressOn, silentProgress } from './cli/progress'
import { sampleInto } from './cli/sample'
import { writeTo } from './cli/stdio'
import { cacheFolder } from './protocol/cacheFolder'
import { ownCpu, slowProvider } from './protocol/comparison'
import { providers, type EngineOptions } from './protocol/engine'
import { stringifyJson } from './protocol/json'
import { planText } from './protocol/planJson'
import { serverOrigin } from './protocol/serverOrigin'
import type { RunDocument } from './protocol/run'
import { isBundled } from './recipe/bundled'
import { setPath } from './recipe/path'
import { prepare, refuseIdleGuidance } from './recipe/prepare'
import type { Recipe } from './recipe/recipe'
import { EngineClient } from './run/engineClient'
import { engineInfoText } from './run/engineInfoText'
import { withAbsoluteFiles } from './run/filePaths'
import { DpmError, reportOf, type ErrorReport } from './sampler/errors'

/** Seconds that a stopping engine has before it is ended: one evaluation of a large model on a CPU may take some. */
const killAfterSeconds = 10

const words = process.argv.slice(2)
const json = words.includes('--json')
const verbose = words.includes('--verbose')
const interrupted = new AbortController()
/** The server that was named, for which the token in the environment is; no child process finds it there. */
let server = ''
const token = process.env['DPM_SERVER_TOKEN']
delete process.env['DPM_SERVER_TOKEN']
const client = new EngineClient({
  serverTokens: () => {
    const origin = serverOrigin(server)
    return Promise.resolve(origin !== null && token ? { [origin]: token } : {})
  },
  enginePath: join(__dirname, 'engine.js'), killAfterSeconds, trace: verbose, memoryFolder: cacheFolder(),
  ...(verbose ? { onLog: ({ level, text }) => { writeTo(2, `${level} ${text}\n`) } } : {}),
})
let exitCode = 0

const answer = (value: Record<string, unknown>, text: string): void => { writeTo(1, json ? `${stringifyJson(value)}\n` : text) }
const remark = (text: string): void => { if (!json) writeTo(2, text) }

async function sample(values: FlagValues): Promise<void> {
  const demo = words.length === 1
  if (demo) remark(`No options are given, so a demonstration is drawn: ${demoOptions.join(' ')}\n`)
  const given = demo ? withRecipeOptions(new Command()).parse([...demoOptions], { from: 'user' }).opts<FlagValues>() : values
  const options = { recipe: recipeOf(given), engine: engineOf(given), keep: keepFrom(given), metadata: metadataOf(given), out: typeof given['out'] === 'string' ? given['out'] : 'samples' }
  const sampled = await sampleInto(options, client, json ? silentProgress : progressOn(process.stderr), interrupted.signal)
  for (const note of sampled.run.document.plan.notes) remark(`Note: ${note}\n`)
  if (!json && !interrupted.signal.aborted) await remarkSlowProvider(sampled.run.document, options.engine)
  answer(sampledJson(sampled), sampledText(sampled))
}

/** Says it where the CPU is faster than the provider that a run had. */
async function remarkSlowProvider({ engine: { provider }, model, shape: [batch] }: RunDocument, engine: EngineOptions): Promise<void> {
  if (ownCpu.includes(provider)) return
  const comparison = await client.compare(model.path, batch, engine).catch(() => null)
  const slow = comparison && slowProvider(comparison, model.name)
  if (slow) remark(`Note: ${slow.message} “--provider cpu” takes the CPU.\n`)
}

async function plan(values: FlagValues): Promise<void> {
  const recipe = recipeOf(values)
  const { facts } = await client.inspect(recipe.model.path, engineOf(values))
  const prepared = prepare(recipe, facts)
  refuseIdleGuidance(recipe, prepared)
  for (const note of prepared.notes) remark(`Note: ${note}\n`)
  writeTo(1, json ? planText(recipe, prepared) : planTable(prepared.plan))
}

async function info(values: FlagValues): Promise<void> {
  const told = await client.info(recipeOf(values).model.path, engineOf(values))
  answer({ ...told }, engineInfoText(told))
}

async function estimate(values: FlagValues): Promise<void> {
  const options = estimateOptions(values, recipeOf({ ...values, seed: undefined }).model, engineOf(values))
  const estimated = await estimateInto(options, client, remark, interrupted.signal)
  if (estimated.statistic) answer({ ...estimated, file: options.out }, estimatedText(estimated, options))
  else tell({ ...interruption, message: 'Interrupted before the estimation was over.' })
}

async function exportRecorded(values: FlagValues): Promise<void> {
  const exported = await exportInto(values, remark, interrupted.signal)
  if (exported) answer(exported, `${exported.file}: ${exported.rows} steps as ${exported.form}\n`)
  else tell({ ...interruption, message: 'Interrupted before the run was exported.' })
}

function engineOf(values: FlagValues): EngineOptions {
  const engine = engineFrom(values)
  server = engine.server ?? ''
  return engine
}

/** The paths of files are relative to where the command is given; of a model's, the bundled names go before files of that name. */
function recipeOf(values: FlagValues): Recipe {
  const recipe = withAbsoluteFiles(recipeFrom(values), (path) => resolve(path))
  const { path } = recipe.model
  return /[\\/.]/.test(path) || existsSync(path) && !isBundled(path) ? setPath(recipe, 'model.path', resolve(path)) : recipe
}

function withRecipeOptions(command: Command, paths?: readonly string[]): Command {
  for (const { flags, description, path } of recipeFlags) if (!paths || paths.includes(path)) command.option(flags, description)
  const collected = (value: string, before: string[]): string[] => [...before, value]
  return command
    .option('--set <path=value>', 'Set any field of the recipe; may be given several times.', collected, [])
    .option('--provider <name>', `Execution provider. Values: ${providers.join(', ')}. (default: auto)`)
    .option('--threads <n>', 'Threads of one evaluation; 0 takes the cores that nothing else wants. (default: 0)')
    .option('--device <n>', 'Which GPU, of CUDA, TensorRT and DirectML. (default: 0)')
    .option('--provider-option <name=value>', 'Option of the WebGPU or Core ML provider; may be given several times.', collected, [])
    .option('--server <url>', 'Inference server (Open Inference Protocol v2) that evaluates the model: http://host:8000, or http://host:8000/v2/models/NAME. Its bearer token is taken from DPM_SERVER_TOKEN.')
    .option('--json', 'Write nothing but one JSON object on stdout.')
    .option('--verbose', 'Write the engine’s log on stderr.')
}

function program(): Command {
  const root = new Command('dpm-solver').description('Samples diffusion models with DPM-Solver.').version(process.env['DPM_VERSION'] ?? 'development')
  const sampling = withRecipeOptions(root.command('sample').description('Draw a batch of images: a PNG of each, a contact sheet, and the run folder with the whole trajectory.'))
  for (const [flags, description] of keepFlags) sampling.option(flags, description)
  sampling
    .option('--out <folder>', 'Folder in which the run gets a folder of its own. (default: samples)')
    .option(...metadataFlag)
    .addHelpText('after', `\nFields for --set that have no option of their own:\n${otherFields()}\n\nWithout any option a demonstration is drawn:\n  ${demoOptions.join(' ')}`)
    .action(sample)
  withRecipeOptions(root.command('plan').description('Print the steps of a run without sampling.')).action(plan)
  withRecipeOptions(root.command('info').description('Print what the engine is, which execution providers run on this machine, and where the model runs.'), ['model.path']).action(info)
  const estimation = withRecipeOptions(root.command('estimate').description('Estimate the variance that analyticDpm needs to know of a model.'), ['model.path', 'model.nullClassLabel'])
  for (const [flags, description] of estimateFlags) estimation.option(flags, description)
  estimation.action(estimate)
  const exporting = root.command('export').description('Save a recorded run as pictures, as an animation or as arrays.').option('--json', 'Write nothing but one JSON object on stdout.')
  for (const [flags, description] of exportFlags) exporting.option(flags, description)
  exporting.action(exportRecorded)
  for (const command of [root, ...root.commands]) command.exitOverride().configureOutput({ writeOut: (text) => { writeTo(1, text) }, writeErr: () => {} })
  return root
}

const interruption: ErrorReport = { reason: 'engineExited', message: 'Interrupted before sampling began.', advice: 'Nothing was written.' }

function tell(report: ErrorReport): void {
  if (json) answer(errorJson(report), '')
  else writeTo(2, errorText(report))
}

function fail(error: unknown): void {
  if (error instanceof CommanderError && error.exitCode === 0) return
  if (error instanceof CommanderError && error.code === 'commander.help') {
    exitCode = 1
    return writeTo(2, program().helpInformation())
  }
  // Ctrl+C goes to the whole process group: an engine that has only begun to start is ended by it, and its end may be heard of before the signal.
  if (error instanceof DpmError && error.reason === 'engineExited' && error.cause === 'SIGINT') onSignal(130)
  const stopped = interrupted.signal.aborted
  const report = stopped ? interruption : error instanceof CommanderError ? usageError(error) : inOptions(reportOf(error))
  if (!stopped) exitCode = 1
  tell(report)
  if (verbose && !(error instanceof DpmError) && error instanceof Error) writeTo(2, `${error.stack}\n`)
}

/** The first signal stops before the next evaluation, the second ends the engine at once; what is recorded stays. */
function onSignal(code: number): void {
  exitCode = code
  if (interrupted.signal.aborted) void client.kill()
  interrupted.abort()
}

async function main(): Promise<void> {
  process.on('SIGINT', () => { onSignal(130) })
  process.on('SIGTERM', () => { onSignal(143) })
  try { await program().parseAsync() } catch (error) { fail(error) }
  await client.dispose()
  process.exit(exitCode)
}

void main()
