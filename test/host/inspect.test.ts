import assert from 'node:assert/strict'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { Api } from '../../src/extension'
import type { Answer, Question } from '../../src/protocol/inspect'
import type { FromPage } from '../../src/protocol/view'
import { openRun, readState } from '../../src/run/store'
import { activated, configure, generate, isFrom, run, temporaryFolder, tidy, until, watch, type Seen } from './host'

suite('looking into a recording', () => {
  let api: Api
  suiteSetup(async () => { api = await activated() })
  setup(() => configure({ 'engine.provider': 'cpu', 'engine.intraOpThreads': 1, 'solver.steps': 5, 'batchSize': 2 }))
  teardown(() => tidy(api))

  const place = { item: 1, y: 3, x: 4 }
  const questions: Question[] = [
    { of: 'pictures', row: 2, tensors: ['eps', 'delta'] }, { of: 'pixel', row: 2, place }, { of: 'region', row: 2, region: { item: 1, top: 3, left: 4, bottom: 9, right: 12 } },
    { of: 'course', from: 0, place }, { of: 'changes', from: 0 }, { of: 'spectrum', row: 2, item: 1 },
  ]
  const answersTo = async (seen: readonly Seen[], receive: (message: FromPage) => Promise<void>, runId: string, asked: readonly Question[]): Promise<(Answer | null)[]> => {
    const answers: (Answer | null)[] = []
    for (const question of asked) {
      const before = seen.length
      const answered = () => seen.slice(before).map(({ message }) => message).find((message) => message.type === 'inspected' && message.question === question)
      // The page asks too, and a newer question of a kind takes the place of one that waits.
      for (let tries = 0; !answered() && tries < 1000; tries++) {
        await receive({ type: 'inspect', runId, question })
        if (!answered()) await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const message = answered()
      assert.ok(message?.type === 'inspected', `an answer to ${question.of}`)
      answers.push(message.answer)
    }
    return answers
  }

  test('every question is answered from the run on show, and the same from the run in one file', async () => {
    const seen = watch(api)
    const { runId, folder } = await generate()
    await until(() => seen.some(isFrom('ready')), 'the page')
    const answers = await answersTo(seen, (message) => api.receive(message), runId, questions)
    assert.deepEqual(answers.map((answer) => answer?.of), questions.map(({ of }) => of))
    const stored = await openRun(folder)
    const [, , height, width] = stored.document.shape
    const x = await readState(stored, stored.rows[2]!, 'x')
    const pixel = answers.find((answer) => answer?.of === 'pixel')
    assert.deepEqual(pixel?.of === 'pixel' && pixel.values.x, [x[(place.item * height + place.y) * width + place.x]])
    const pictures = answers.find((answer) => answer?.of === 'pictures')
    assert.ok(pictures?.of === 'pictures' && pictures.pictures.length === 2 && pictures.pictures.every(({ rgba, scale }) => rgba.length === 4 * pictures.width * pictures.height && scale > 0))

    const file = vscode.Uri.file(join(temporaryFolder(), 'one.dpmrun'))
    await run('dpmSolver.exportTrajectory', { kind: 'dpmrun', target: file })
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    const seenOfFile = watch(api)
    await vscode.commands.executeCommand('vscode.open', file)
    await until(() => seenOfFile.some(isFrom('ready')), 'the page of the file')
    assert.deepEqual(await answersTo(seenOfFile, (message) => api.receiveOfRecording(message), runId, questions), answers)
  })

  test('a place outside of the run is answered by nothing, and the log says so', async () => {
    const seen = watch(api)
    const { runId } = await generate()
    await until(() => seen.some(isFrom('ready')), 'the page')
    const outside: Question[] = [{ of: 'pixel', row: 2, place: { ...place, item: 2 } }, { of: 'pixel', row: 99, place }, { of: 'course', from: 0, place: { ...place, y: 5000 } }]
    assert.deepEqual(await answersTo(seen, (message) => api.receive(message), runId, outside), [null, null, null])
    for (const words of ['item 2 of a batch of 2', 'row 99 is not recorded', 'pixel (5000, 4)']) assert.ok(api.logLines.some((line) => line.includes(words)), words)
    assert.equal(api.state.notice, null)
  })
})
