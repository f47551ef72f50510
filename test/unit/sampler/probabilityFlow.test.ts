import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyticModels } from '../../../src/recipe/analyticModels'
import { gaussian, mixture } from '../../../src/sampler/analytic'
import { modelOf } from '../../../src/sampler/distribution'
import { drawNormals } from '../../../src/sampler/noise'
import { flowScale, probabilityFlow } from '../../../src/sampler/probabilityFlow'
import { scheduleOf } from '../../../src/sampler/schedule/schedule'
import type { Level, ScheduleSpec } from '../../../src/sampler/types'

const clean: Level = { t: 0, alpha: 1, sigma: 0, lambda: Infinity }
const linear = scheduleOf({ kind: 'vpLinear', beta0: 0.1, beta1: 20 })
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

test('of a Gaussian it is the closed form, at every level and to the very end, on any schedule', () => {
  const model = gaussian([0.3, -0.2], [0.4, 0.08])
  const specs: ScheduleSpec[] = [{ kind: 'vpLinear', beta0: 0.1, beta1: 20 }, { kind: 'edm', sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 }, { kind: 'flow', shift: 3, trainSteps: 1000 }]
  for (const spec of specs) {
    const schedule = scheduleOf(spec)
    const levels = [...[1, 0.7, 0.4, 0.1, 0.02].map((share) => schedule.level(share * schedule.T)), { ...clean, t: 0 }]
    const x = drawNormals('5', 0, 32).map((z) => z * flowScale(levels[0]!))
    const flow = probabilityFlow(model, x, levels)
    for (const [i, level] of levels.entries()) {
      const off = largest(flow.nodes[flow.at[i]!]!.map((value) => value * flowScale(level)), model.exact(x, levels[0]!, level))
      console.log(`${spec.kind} level ${i}: ${off.toExponential(1)}`)
      assert.ok(off < 1e-7, `${spec.kind}, level ${i}: ${off}`)
    }
  }
})

test('of the mixture in the panel it is exact far beyond what is seen: steps between more levels change nothing', () => {
  for (const { name, distribution } of analyticModels) {
    const model = modelOf(distribution)
    const x = drawNormals('7', 0, 128)
    const coarse = probabilityFlow(model, x, [linear.level(1), clean])
    const fine = probabilityFlow(model, x, [linear.level(1), ...Array.from({ length: 800 }, (_, k) => linear.levelAtLambda(-5.05 + k / 50)), clean])
    const off = largest(coarse.nodes.at(-1)!, fine.nodes.at(-1)!)
    console.log(`${name}: ${off.toExponential(1)}`)
    assert.ok(off < 1e-5, `${name}: ${off}`)
  }
})

test('there and back again is where it began; as many nodes as steps, one at every level', () => {
  const model = mixture([{ weight: 0.5, mean: [0.5, 0.5], s: 0.2 }, { weight: 0.5, mean: [-0.5, 0], s: 0.1 }])
  const x = drawNormals('9', 0, 64)
  const levels = [linear.level(1), linear.level(0.5), clean, linear.level(0.5), linear.level(1)]
  const { nodes, at } = probabilityFlow(model, x, levels)
  assert.deepEqual([at[0], at.length, at.at(-1)], [0, 5, nodes.length - 1])
  const off = largest(nodes.at(-1)!, nodes[0]!)
  console.log(`back again: ${off.toExponential(1)}`)
  assert.ok(off < 1e-6, String(off))
  assert.deepEqual(probabilityFlow(model, x, []), { nodes: [], at: [] })
})
