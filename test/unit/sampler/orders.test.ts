import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cases } from '../../../scripts/orders/cases'
import { measure, schedules } from '../../../scripts/orders/measure'
import { algorithms } from '../../../src/sampler/algorithms'

test('every algorithm has an order to be held to, but for the one that needs a statistic of the model', () => {
  const measured = new Set(cases.map(({ request }) => request.algorithm))
  assert.deepEqual(Object.keys(algorithms).filter((name) => !measured.has(name as keyof typeof algorithms)), ['analyticDpm'])
})

test('a method that misses its paper’s claim says why', () => {
  for (const { name, claimed, expected, why } of cases) assert.equal(why !== undefined, claimed !== expected, name)
})

for (const orderCase of cases) {
  test(`${orderCase.name} converges with order ${orderCase.expected} ± 0.15 on every schedule`, async (t) => {
    const orders: string[] = []
    for (const [name, schedule] of schedules) {
      if (orderCase.on && !orderCase.on.includes(name)) continue
      const { order, points } = await measure(orderCase, schedule)
      orders.push(`${name} ${order.toFixed(2)}`)
      assert.ok(Math.abs(order - orderCase.expected) <= 0.15, `${name}: ${order.toFixed(3)}, ${points.map(({ evaluations, error }) => `${error.toExponential(1)} at ${evaluations}`).join(', ')}`)
    }
    t.diagnostic(`measured ${orders.join(', ')}`)
  })
}
