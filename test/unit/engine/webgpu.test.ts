// WebGPU on a GPU that is a program (test/mesa): the same code as on a real one, from the engine's options to the pixels' numbers.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { LogLine } from '../../../src/protocol/engine'
import type { EngineClient } from '../../../src/run/engineClient'
import type { Recipe } from '../../../src/recipe/recipe'
import { softwareGpu } from '../../mesa/paths.mjs'
import { carryOut, largest } from './digits'
import { clientFor, readFolder, recipe, start, until } from './withClient'

const webgpu = { provider: 'webgpu', intraOpThreads: 1 } as const

/** An engine whose WebGPU finds the software GPU, and what it logs. */
function onSoftwareGpu(t: TestContext): { client: EngineClient; log: LogLine[] } {
  const gpu = softwareGpu()
  assert.ok(gpu, 'there is no software GPU here: node test/mesa/setup.mjs')
  const log: LogLine[] = []
  return { client: clientFor(t, { env: gpu.environment, onLog: (line) => log.push(line) }), log }
}

/** Of ε̂ at the same x. Measured: 2e-6, and 1e-5 where guidance multiplies what differs. */
const noiseTolerance = 1e-4
/** Of the image: a tenth of a grey level of 256. Measured over 5 steps: 6e-5, and 2e-4 with guidance. */
const imageTolerance = 0.1 * 2 / 255
/** Dawn's own words about limits that concern no model. */
const expectedWarning = /^Warning: maxDynamic\w+BuffersPerPipelineLayout artificially reduced/

const fiveSteps = (change: (recipe: Recipe) => void = () => {}): Recipe => recipe((r) => { r.solver.steps = 5; change(r) })
const cases: [what: string, change: (recipe: Recipe) => void][] = [
  ['digits, 5 evaluations', () => {}],
  ['a batch of 3 with guidance', (r) => { r.noise.batch = 3; r.conditioning.classLabel = [3, 8, 'none']; r.guidance.scale = 3 }],
]
for (const [what, change] of cases) {
  test(`WebGPU gives what the CPU gives: ${what}`, async (t) => {
    const { client, log } = onSoftwareGpu(t)
    const gpu = await carryOut(client, fiveSteps(change), webgpu)
    const reference = await carryOut(client, fiveSteps(change))
    assert.deepEqual([gpu.end.outcome, gpu.end.evaluations], ['finished', reference.end.evaluations])
    assert.deepEqual([gpu.document.engine.provider, gpu.document.engine.tried], ['webgpu', [{ provider: 'webgpu' }]])
    assert.equal(reference.document.engine.provider, 'cpu')
    assert.equal((await client.inspect('digits', webgpu)).provider, 'webgpu')

    const { alpha, sigma } = gpu.rows[0]!.level
    assert.deepEqual(gpu.x(0), reference.x(0))
    const noise = alpha / sigma * largest(gpu.x0(0), reference.x0(0))
    const image = largest(gpu.last, reference.last)
    const ms = ({ end }: typeof gpu): string => (end.evaluationMs! / end.evaluations).toFixed(1)
    console.log(`${what}: largest difference of ε̂ ${noise.toExponential(1)}, of the image ${image.toExponential(1)}; ${ms(gpu)} ms an evaluation with compiling, on the CPU ${ms(reference)} ms`)
    assert.ok(noise <= noiseTolerance && image <= imageTolerance)
    // It is another computation, not the CPU's under another name.
    assert.ok(image > 0)
    assert.deepEqual(log.filter(({ level, text }) => level === 'error' || (/warning|error|fail|abort/i.test(text) && !expectedWarning.test(text))), [])
  })
}

test('kill −9 during a run on WebGPU: the recording is closed, and the next run is right', async (t) => {
  const { client } = onSoftwareGpu(t)
  const run = start(fiveSteps((r) => { r.solver.steps = 500 }), { engine: webgpu })
  let last = -1
  const ending = client.run(run, { rows: ({ rows }) => { last = rows.at(-1)!.row } })
  const refused = assert.rejects(ending, { reason: 'engineExited', message: /SIGKILL\) during step \d+ of 500/ })
  await until(() => last >= 2, 'rows', 600_000)
  process.kill((await client.start()).pid, 'SIGKILL')
  await refused
  const end = readFolder(run.folder).events.at(-1)
  assert.ok(end?.event === 'end' && end.outcome === 'failed' && end.rows > last)
  const next = await carryOut(client, fiveSteps(), webgpu)
  const reference = await carryOut(client, fiveSteps())
  assert.deepEqual([next.end.outcome, next.document.engine.provider], ['finished', 'webgpu'])
  assert.ok(largest(next.last, reference.last) <= imageTolerance)
})
