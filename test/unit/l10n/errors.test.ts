import { pseudoMessages } from './pseudo'
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { messagesVariable } from '../../../src/protocol/messages'
import { optionsFor } from '../../../src/protocol/providerOptions'
import { settingTitle } from '../../../src/recipe/settingTitle'
import { setPath } from '../../../src/recipe/path'
import { prepare } from '../../../src/recipe/prepare'
import { fieldPaths } from '../../../src/recipe/schema'
import { recipeErrors, recipeWarnings } from '../../../src/recipe/validate'
import { openRecording } from '../../../src/run/recording'
import { openRun } from '../../../src/run/store'
import { DpmError, reportOf, type ErrorReport } from '../../../src/sampler/errors'
import { readSettings } from '../../../src/settingsSnapshot'
import { modelFaults } from '../engine/faultModels'
import { openWindow } from '../engine/faultWindow'
import { newFolder } from '../engine/testModels'
import { settingKeys } from '../manifestFile'
import { facts, recipe } from '../recipe/facts'

/** VS Code's own names of settings, which are English in any language. */
const titles = new RegExp(`“(${settingKeys().map(settingTitle).join('|')})”`, 'g')

/** Whether all that a user reads of an error is in the pseudo-locale, buttons too. */
function assertTranslated(error: ErrorReport, what: string): void {
  for (const text of [error.message, error.advice, ...[error.remedy, error.otherRemedy].flatMap((remedy) => remedy ? [remedy.title] : [])]) {
    assert.match(text, /^⟦[\s\S]*⟧$/, what)
    // What a {0} stands for has no two English words in a row, but for a tensor (sample float32 [1, 3]); what ONNX Runtime says in its own words follows a colon.
    const own = text.replace(titles, '').replace(/\w+ \w+ \[[^\]]*\]/g, '').split(/: (?!⟦)/)[0]!
    assert.doesNotMatch(own, /[A-Za-z]{2,} [A-Za-z]{2,}/, what)
  }
}

async function thrown(action: () => unknown): Promise<ErrorReport | undefined> {
  try { await action() } catch (error) {
    if (!(error instanceof DpmError)) throw error
    return reportOf(error)
  }
  return undefined
}

suite('errors in another language', () => {
  test('a value that no field of a recipe takes is refused in it, field by field', () => {
    let refused = 0
    for (const path of fieldPaths()) for (const value of [null, '', -1, 1.5, 'wrong', [], {}, [['a']], true]) {
      for (const error of recipeErrors(setPath({}, path, value))) { assertTranslated(error, path); refused++ }
    }
    assert.ok(refused > 100, `${refused}`)
    for (const warning of recipeWarnings({ solver: { speed: 3 } })) assert.match(warning, /^⟦.*⟧$/)
  })

  test('so is what a plan cannot be, and its notes are', async () => {
    const cases: [set: Record<string, unknown>, facts?: Parameters<typeof facts>[0]][] = [
      [{ 'solver.steps': 1 }], [{ 'solver.steps': 2, 'solver.order': 3 }], [{ 'solver.method': 'adaptive', 'solver.order': 1 }], [{ 'solver.method': 'singlestepFixed', 'solver.order': 3, 'solver.steps': 2 }],
      [{ 'solver.algorithm': 'unipc', 'solver.method': 'adaptive' }], [{ 'solver.algorithm': 'heun', 'solver.order': 3 }], [{ 'solver.options': { speed: 1 } }], [{ 'solver.options': { atol: -1 } }],
      [{ 'solver.algorithm': 'analyticDpm' }], [{ 'schedule.tEnd': 0.9999 }], [{ 'schedule.noise': 'betas' }], [{ 'schedule.options': { speed: 1 } }], [{ 'schedule.spacing': 'custom' }],
      [{ 'schedule.betas': [0.1, 0.2] }], [{ 'schedule.spacing': 'custom', 'schedule.timesteps': [1, 2] }], [{ 'schedule.lambdaMin': 9 }], [{ 'conditioning.classLabel': 'Huge' }], [{ 'conditioning.classLabel': 7 }],
      [{ 'conditioning.classLabel': 1 }, { classes: null }], [{ 'guidance.scale': 2 }], [{ 'guidance.scale': 2, 'conditioning.classLabel': 1 }, { classes: null }], [{ 'guidance.interval': [2, 1] }],
      [{ 'guidance.classifier': '/c.onnx' }, { classes: null }], [{ 'input.task': 'encode' }], [{ 'input.mask': '/m.png' }], [{ 'noise.batch': 3 }, { fixedBatch: 2 }], [{ 'solver.steps': 900 }, { integerTime: true }],
      [{ 'solver.steps': 1000, 'solver.method': 'adaptive' }, { integerTime: true }], [{ 'model.predictionType': 'score' }], [{ 'schedule.noise': 'vpLinear' }], [{ 'solver.options': { r1: 0.5 } }], [{ 'guidance.rescale': 0.5 }],
      [{ 'solver.method': 'singlestep', 'solver.order': 3, 'solver.options': { r1: 0.7, r2: 0.3 } }], [{ 'solver.finalSigma': 'denoise' }], [{ 'model.nullClassLabel': 99, 'conditioning.classLabel': 1 }],
    ]
    let [errors, notes] = [0, 0]
    for (const [set, changes] of cases) {
      const name = JSON.stringify(set)
      const error = await thrown(() => { for (const note of prepare(recipe(set), facts(changes)).notes) { assert.match(note, /^⟦[\s\S]*⟧$/, name); notes++ } })
      if (error) { assertTranslated(error, name); errors++ }
    }
    assert.ok(errors > 15 && notes > 5, `${errors} errors, ${notes} notes`)
  })

  test('so are settings, options of providers, and recordings that are none', async () => {
    const bad = { 'solver.steps': 0, 'seed.mode': 'sometimes', 'preview.every': 1.5, 'engine.provider': 7, 'engine.killAfterSeconds': '5', 'log.trace': 1, 'classLabel': {}, 'record.folder': [], 'seed.value': 'random' }
    const { problems } = readSettings((key) => (bad as Record<string, unknown>)[key], '/folder')
    assert.ok(problems.length >= Object.keys(bad).length - 1)
    for (const problem of problems) assertTranslated(problem, problem.message)
    for (const [provider, providerOptions] of [['webgpu', { speed: 1 }], ['cuda', { speed: 1 }], ['auto', { speed: 1 }], ['webgpu', { enableRobustness: 1 }], ['webgpu', { preferredLayout: 'no' }]] as const) {
      assertTranslated((await thrown(() => optionsFor(provider, { provider, providerOptions })))!, provider)
    }
    const file = join(newFolder(), 'one.dpmrun')
    writeFileSync(file, 'nothing of the kind')
    assertTranslated((await thrown(() => openRecording(file)))!, 'a recording')
    assertTranslated((await thrown(() => openRun(newFolder())))!, 'a run folder')
  })

  test('an engine speaks it too: what is wrong with models and evaluations', async (t) => {
    const file = join(newFolder(), 'bundle.l10n.qps-ploc.json')
    writeFileSync(file, JSON.stringify(pseudoMessages))
    process.env[messagesVariable] = file // as the window gives it to its engine
    t.after(() => { delete process.env[messagesVariable] })
    const window = openWindow(t)
    let told = 0
    for (const fault of modelFaults.flatMap(({ faults }) => faults)) {
      if (fault.window) continue
      // What can be told before the engine is asked, of a model that is known by then, is no run at all.
      const error = await fault.happens(window).then((happened) => happened.error, () => window.session.state.notice)
      assert.ok(error, fault.fault)
      assertTranslated(error, fault.fault)
      told++
    }
    assert.ok(told > 30, `${told}`)
  })
})
