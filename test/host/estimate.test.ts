import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import { encodePng } from '../../src/formats/png'
import type { NoiseStatistic } from '../../src/sampler/methods/analyticDpm'
import { isStatistic } from '../../src/sampler/methods/analyticDpm'
import { activated, configure, copiedModel, run, temporaryFolder, tidy, until } from './host'

/** A folder of two pictures, of another size than the model's. */
function pictures(): string {
  const folder = temporaryFolder()
  for (const name of ['a.png', 'b.png']) writeFileSync(join(folder, name), encodePng({ width: 20, height: 20, channels: 1, data: new Uint8Array(400).fill(90) }))
  return folder
}

suite('Estimate Variance…', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1 }))
  teardown(() => tidy(api))

  const estimate = (given: Record<string, unknown>): Thenable<NoiseStatistic | undefined> => run('dpmSolver.estimateVariance', { levels: 3, ...given })

  test('over a folder of pictures, into the recipe of the panel', async () => {
    const statistic = await estimate({ images: pictures(), then: 'use' })
    assert.ok(isStatistic(statistic) && statistic.lambda.length === 3)
    assert.equal(api.state.recipe.solver.algorithm, 'analyticDpm')
    assert.deepEqual(api.state.recipe.solver.options, { statistic: { ...statistic, model: 'digits' } })
    assert.ok(api.panel.visible)
  })

  test('over the model’s own samples, into a file', async () => {
    const file = join(temporaryFolder(), 'statistic.json')
    const statistic = await estimate({ images: null, count: 2, then: vscode.Uri.file(file) })
    const written: unknown = JSON.parse(readFileSync(file, 'utf8'))
    assert.ok(isStatistic(written) && statistic)
    assert.deepEqual(written.meanSquare, statistic.meanSquare.map((value) => Number(value.toPrecision(6))))
    assert.equal(api.state.recipe.solver.algorithm, 'dpmsolver++', 'the recipe stays')
  })

  test('beside the model, which has it from then on; a bundled one is left alone', async () => {
    const file = copiedModel()
    await run('dpmSolver.selectModel', file)
    await until(() => api.state.model.status === 'ready' && api.state.model.path === file, 'facts of the model')
    await estimate({ images: pictures(), then: 'beside' })
    assert.ok(isStatistic(JSON.parse(readFileSync(join(dirname(file), 'noise_statistic.json'), 'utf8'))))
    await until(() => api.state.model.status === 'ready' && api.state.model.facts.statistic !== null, 'statistic of the model')
    await run('dpmSolver.selectModel', 'digits')
    assert.equal(await estimate({ images: pictures(), then: 'beside' }), undefined)
    assert.match(api.state.notice?.message ?? '', /cannot be kept beside this model/)
  })

  test('a folder without pictures is said by name, with a button to choose another', async () => {
    const folder = temporaryFolder()
    assert.equal(await estimate({ images: folder, then: 'use' }), undefined)
    assert.equal(api.state.notice?.message, `There are no PNG files in ${folder}.`)
    assert.deepEqual(api.state.notice.remedy, { title: 'Estimate Variance…', command: 'estimateVariance' })
  })
})
