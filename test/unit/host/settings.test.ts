import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { suite, test } from 'node:test'
import { settingTitle } from '../../../src/recipe/settingTitle'
import { getPath, setPath } from '../../../src/recipe/path'
import { changedSettings, readSettings } from '../../../src/settingsSnapshot'

const read = (values: Record<string, unknown>, folder: string | undefined = '/project') => readSettings((key) => values[key], folder)

suite('settings', () => {
  test('every recipe setting reaches the recipe', () => {
    const values: Record<string, [path: string, value: unknown]> = {
      'model.predictionType': ['model.predictionType', 'v_prediction'], 'model.nullClassLabel': ['model.nullClassLabel', 3], 'classLabel': ['conditioning.classLabel', [1, 'two']],
      'solver.algorithm': ['solver.algorithm', 'dpmsolver'], 'solver.order': ['solver.order', 3], 'solver.method': ['solver.method', 'singlestep'], 'solver.steps': ['solver.steps', 9],
      'solver.orderSplit': ['solver.orderSplit', 'greedy'], 'solver.lowerOrderBelow': ['solver.lowerOrderBelow', 0], 'solver.finalSigma': ['solver.finalSigma', 'sigmaMin'],
      'schedule.noise': ['schedule.noise', 'vpCosine'], 'schedule.spacing': ['schedule.spacing', 'timeQuadratic'], 'schedule.tEnd': ['schedule.tEnd', 0.01],
      'batchSize': ['noise.batch', 4], 'solver.guidanceScale': ['guidance.scale', 2.5],
    }
    const { settings, problems } = read(Object.fromEntries(Object.entries(values).map(([key, [, value]]) => [key, value])))
    assert.deepEqual(problems, [])
    for (const [key, [path, value]] of Object.entries(values)) assert.deepEqual(getPath(settings.recipe, path), value, key)
  })

  test('seed.mode decides whether seed.value counts', () => {
    assert.equal(read({ 'seed.value': 7 }).settings.recipe.noise.seed, 'random')
    assert.equal(read({ 'seed.value': 7, 'seed.mode': 'fixed' }).settings.recipe.noise.seed, 7)
    assert.equal(read({ 'seed.value': '18446744073709551615', 'seed.mode': 'increment' }).settings.recipe.noise.seed, '18446744073709551615')
    assert.equal(read({ 'seed.mode': 'fixed' }).settings.recipe.noise.seed, 0)
  })

  test('a bad value is named, and its default taken', () => {
    const bad = { 'solver.steps': 0, 'solver.order': 'two', 'seed.mode': 'sometimes', 'seed.value': 2 ** 60, 'preview.every': 1.5, 'engine.provider': 7, 'engine.killAfterSeconds': '5', 'log.trace': 1, 'classLabel': {}, 'record.folder': [] }
    const { settings, problems } = read(bad)
    assert.deepEqual(settings, read({}).settings)
    assert.equal(problems.length, Object.keys(bad).length)
    for (const key of Object.keys(bad)) {
      const problem = problems.find(({ message }) => message.startsWith(`“${settingTitle(key)}” `))
      assert.ok(problem, key)
      assert.deepEqual(problem.remedy, { title: 'Open Settings', command: 'openSettings' })
      assert.match(problem.advice, /default .* is used/)
    }
  })

  test('the name of files has placeholders that there are, and says which where it has another', () => {
    for (const name of ['${date}-${model}', 'digits', '${seed}', 'a b/${step}', '$5 {x}']) assert.equal(read({ 'output.fileName': name }).settings.fileName, name)
    for (const name of ['', '  ', '${sead}', '${seed', '${seed}-${}', '${toString}', '${ seed }', 3]) {
      const { settings, problems } = read({ 'output.fileName': name })
      assert.equal(settings.fileName, '${date}-${model}-${algorithm}-${steps}-${seed}')
      assert.match(problems[0]?.message ?? '', /^“Output: File Name” must be a text with no other placeholders than \$\{date\}, .*\$\{step\}, not /, JSON.stringify(name))
    }
  })

  test('frames that the preview shows are ones there are, each once; keys are texts', () => {
    assert.deepEqual(read({ 'preview.show': ['delta', 'x'], 'preview.keys': { blink: 'x' } }).settings.preview, { every: 1, maxSize: 256, remoteMaxSize: 128, openOnRun: 'beside', show: ['delta', 'x'], keys: { blink: 'x' }, method: 'auto' })
    for (const show of [[], ['x', 'x'], ['x', 'y'], 'x', {}]) assert.deepEqual([read({ 'preview.show': show }).problems.length, read({ 'preview.show': show }).settings.preview.show], [1, ['x', 'x0']], JSON.stringify(show))
    for (const keys of [[], 'x', { blink: 1 }, { blink: '' }]) assert.deepEqual([read({ 'preview.keys': keys }).problems.length, read({ 'preview.keys': keys }).settings.preview.keys], [1, {}], JSON.stringify(keys))
  })

  test('random as seed.value is refused: seed.mode says it', () => {
    const { settings, problems } = read({ 'seed.mode': 'fixed', 'seed.value': 'random' })
    assert.equal(settings.recipe.noise.seed, 0)
    assert.match(problems[0]!.message, /^“Seed: Value” must be a seed/)
  })

  test('the snapshot cannot be changed', () => {
    const { settings } = read({ 'classLabel': [1, 2] })
    assert.throws(() => { settings.recipe.solver.steps = 3 }, TypeError)
    assert.throws(() => { (settings.recipe.conditioning.classLabel as number[]).push(3) }, TypeError)
  })

  test('paths refer to the workspace folder', () => {
    assert.equal(read({ 'model.path': '' }).settings.recipe.model.path, 'digits')
    assert.equal(read({ 'model.path': 'emoji' }).settings.recipe.model.path, 'emoji')
    assert.equal(read({ 'model.path': 'models/a.onnx' }).settings.recipe.model.path, '/project/models/a.onnx')
    assert.equal(read({ 'model.path': '${workspaceFolder}/models' }).settings.recipe.model.path, '/project/models')
    assert.equal(read({ 'model.path': '/elsewhere/a.onnx' }).settings.recipe.model.path, '/elsewhere/a.onnx')
    assert.equal(read({ 'record.folder': '~/runs' }).settings.recordFolder, `${homedir()}/runs`)
    assert.equal(read({}).settings.outputFolder, '/project/samples')
    const none = readSettings((key) => key === 'model.path' ? 'models/a.onnx' : undefined, undefined)
    assert.equal(none.settings.outputFolder, homedir())
    assert.equal(none.settings.recipe.model.path, 'models/a.onnx')
  })
})

suite('save as defaults', () => {
  const { settings } = read({ 'solver.steps': 12 })

  test('writes what differs, and what is read back is the recipe', () => {
    const edits = { 'solver.order': 3, 'solver.method': 'singlestep', 'noise.batch': 4, 'noise.seed': 99, 'guidance.scale': 2, 'conditioning.classLabel': 'seven', 'model.path': '/project/models/m.onnx' }
    const recipe = Object.entries(edits).reduce((result, [path, value]) => setPath(result, path, value), settings.recipe)
    const changes = changedSettings(recipe, settings, '/project')
    assert.deepEqual(Object.fromEntries(changes.map(({ key, value }) => [key, value])), {
      'solver.order': 3, 'solver.method': 'singlestep', 'batchSize': 4, 'seed.mode': 'fixed', 'seed.value': 99, 'solver.guidanceScale': 2, 'classLabel': 'seven',
      'model.path': '${workspaceFolder}/models/m.onnx',
    })
    const again = read({ 'solver.steps': 12, ...Object.fromEntries(changes.map(({ key, value }) => [key, value])) })
    assert.deepEqual(again.settings.recipe, recipe)
  })

  test('writes nothing where nothing differs', () => { assert.deepEqual(changedSettings(settings.recipe, settings, '/project'), []) })

  test('a random seed is seed.mode, not a value', () => {
    const fixed = read({ 'seed.mode': 'fixed', 'seed.value': 5 }).settings
    assert.deepEqual(changedSettings(setPath(fixed.recipe, 'noise.seed', 'random'), fixed, undefined), [{ key: 'seed.mode', value: 'random' }])
  })
})
