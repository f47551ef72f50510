import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { configOf, tableOf } from '../../../scripts/golden/diffusersConfig'
import { gridOf } from '../../../scripts/golden/diffusersGrid'
import { exp, log, pow } from '../../../scripts/golden/exact'
import { arangeDown, linspace, roundHalfEven, torchLinspace } from '../../../scripts/golden/torch'
import { betasOf } from '../../../src/sampler/schedule/betas'

/** |a − b| in units of b's last place. */
function lastPlaces(a: number, b: number): number {
  const bits = new DataView(new ArrayBuffer(16))
  bits.setFloat64(0, a)
  bits.setFloat64(8, b)
  return Math.abs(Number(bits.getBigInt64(0) - bits.getBigInt64(8)))
}

describe('logarithms and powers that are rounded once', () => {
  const positive = fc.double({ min: 1e-12, max: 1e12, noNaN: true })

  test('are those of Math within its own error, and exact where they can be', () => {
    fc.assert(fc.property(positive, fc.double({ min: -20, max: 20, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (x, y, p) => {
      if (Math.abs(x - 1) > 0.1) assert.ok(lastPlaces(log(x), Math.log(x)) <= 1, `log ${x}`)
      assert.ok(lastPlaces(exp(y), Math.exp(y)) <= 1, `exp ${y}`)
      assert.ok(lastPlaces(pow(x, p), Math.pow(x, p)) <= 2, `${x} ** ${p}`)
    }))
    assert.deepEqual([log(1), exp(0), pow(9, 0.5), pow(2, 10), pow(2, -3)], [0, 1, 3, 1024, 0.125])
  })

  test('are undone by each other to the last place', () => {
    fc.assert(fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (x) => { assert.ok(lastPlaces(exp(log(x)), x) <= 1) }))
  })
})

test('grids begin and end where they should, and round halves to the even neighbour', () => {
  for (const make of [linspace, torchLinspace]) {
    fc.assert(fc.property(fc.integer({ min: 2, max: 60 }), fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 4, max: 9, noNaN: true }), (count, from, b) => {
      const a = from + 0 // no −0
      const values = make(a, b, count)
      assert.deepEqual([values.length, values[0]], [count, a])
      // Where a group of four ends the list, torch comes to its end by adding steps.
      assert.ok(make === linspace ? values.at(-1) === b : lastPlaces(values.at(-1)!, b) <= 2)
      values.forEach((value, i) => { assert.ok(Math.abs(value - (a + (b - a) * i / (count - 1))) < 1e-14 * 9) })
    }))
  }
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, 166.5, 2.4].map(roundHalfEven).map((value) => value + 0), [0, 2, 2, 0, 166, 2])
  assert.deepEqual(arangeDown(1000, 250), [1000, 750, 500, 250])
  assert.equal(arangeDown(1000, 1000 / 7).length, 7)
})

describe('diffusers’ grids', () => {
  const gridFor = (scheduler: string, config: Record<string, unknown>, N: number): ReturnType<typeof gridOf> => gridOf(scheduler, configOf(scheduler, config)!, { N })

  test('take a class’s defaults where a configuration says nothing', () => {
    assert.deepEqual(gridFor('DDIMScheduler', {}, 4)?.timesteps, [750, 500, 250, 0])
    assert.deepEqual(gridFor('DPMSolverMultistepScheduler', {}, 4)?.timesteps, [999, 749, 500, 250])
    assert.equal(configOf('NoSuchScheduler', {}), undefined)
  })

  test('have the product’s betas, to the last digits', () => {
    const table = tableOf(configOf('DPMSolverMultistepScheduler', { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012 })!)
    betasOf('scaled_linear', 1000, 0.00085, 0.012).forEach((beta, i) => { assert.ok(Math.abs(table.betas[i]! / beta - 1) < 1e-14) })
  })

  test('begin at the second of two equal timesteps, as the peer’s look-up does', () => {
    const grid = gridFor('DPMSolverSinglestepScheduler', { beta_schedule: 'squaredcos_cap_v2', use_karras_sigmas: true }, 10)
    assert.deepEqual([grid?.timesteps.slice(0, 2), grid?.begin], [[999, 999], 1])
    assert.equal(gridFor('DDIMScheduler', {}, 4)?.begin, 0)
  })
})
