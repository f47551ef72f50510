import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { test } from 'node:test'
import type { Question } from '../../../src/protocol/inspect'
import type { PreviewMethod } from '../../../src/protocol/run'
import type { RunStatus, RunView, ToPage } from '../../../src/protocol/view'
import { openRun } from '../../../src/run/store'
import type { ErrorReport } from '../../../src/sampler/errors'
import { PageAnswers } from '../../../src/views/pageAnswers'
import { document, temporary, writeRun } from '../run/folder'

async function page(method: () => PreviewMethod = () => 'auto') {
  const run = await openRun(writeRun(temporary(), document(), 4))
  const posted: ToPage[] = []
  const told: ErrorReport[] = []
  const lines: string[] = []
  const line = (text: string): void => { lines.push(text) }
  const answers = new PageAnswers({
    recorded: (runId, row) => runId === 'run-1' && run.rows[row] ? { run, row: run.rows[row] } : undefined,
    post: (message) => { posted.push(message) }, method, unreadable: (error) => { told.push(error) }, log: { debug: line, info: line, warn: line, error: line },
  })
  const inspected = (): [Question, boolean][] => posted.flatMap((message) => message.type === 'inspected' ? [[message.question, message.answer !== null]] : [])
  return { run, answers, posted, told, lines, inspected }
}
const pixel = (row: number, item = 0): Question => ({ of: 'pixel', row, place: { item, y: 0, x: 0 } })

test('of questions of one kind the newest takes the place of one that was not begun; other kinds go on beside them', async () => {
  const { answers, inspected } = await page()
  const [first, skipped, last, other] = [pixel(0), pixel(1), pixel(2), { of: 'changes', from: 0 } as const]
  await Promise.all([answers.inspect('run-1', first), answers.inspect('run-1', skipped), answers.inspect('run-1', last), answers.inspect('run-1', other)])
  assert.deepEqual(inspected().map(([question]) => question).filter(({ of }) => of === 'pixel'), [first, last])
  assert.deepEqual(inspected().filter(([{ of }]) => of === 'changes'), [[other, true]])
  await answers.inspect('run-1', skipped)
  assert.deepEqual(inspected().at(-1), [skipped, true], 'and when all are answered the next is')
})

test('a page that begins while its run goes on gets the newest pictures, in small; one of a run that is over asks for its own', async () => {
  const { run: { document, rows }, answers, posted } = await page()
  const view = (status: RunStatus): RunView => ({ runId: 'run-1', name: null, status, document, rows, loading: null, error: null, stopOverdue: false, ms: null })
  await answers.newest(view('finished'))
  assert.equal(posted.length, 0)
  await answers.newest(view('running'))
  assert.deepEqual(posted.map((message) => message.type === 'frame' && [message.row, message.live, message.small, message.frames?.row]), [[3, false, true, 3]])
})

test('a place outside of the run is answered by nothing, and the log says which it was', async () => {
  const { answers, inspected, told, lines } = await page()
  for (const question of [pixel(0, 7), pixel(100)]) await answers.inspect('run-1', question)
  assert.deepEqual(inspected().map(([, known]) => known), [false, false])
  assert.deepEqual(told, [])
  assert.match(lines.join('\n'), /item 7 of a batch of 2[^]*row 100 is not recorded/)
})

test('a run that is not on show gets no answer: it may be on show again, and be asked of anew', async () => {
  const { answers, inspected } = await page()
  await answers.inspect('run-2', pixel(0))
  assert.deepEqual(inspected(), [])
})

test('a recording that cannot be read is told of once, of whatever it was asked first', async () => {
  const { run, answers, inspected, told, lines, posted } = await page()
  truncateSync(run.statesPath, 0)
  await answers.inspect('run-1', pixel(0))
  await answers.inspect('run-1', { of: 'changes', from: 0 })
  await answers.frames('run-1', 1)
  assert.deepEqual(inspected().map(([, known]) => known), [false, true])
  assert.ok(posted.some((message) => message.type === 'frame' && message.frames === null))
  assert.deepEqual(told.map(({ message }) => /^Row \d/.exec(message)?.[0]), ['Row 0'])
  assert.equal(lines.length, 2)
})

test('pictures whose way of being made changes while they are read are read anew', async () => {
  const asked: PreviewMethod[] = []
  const { answers, posted } = await page(() => { asked.push(asked.length === 0 ? 'auto' : 'latentToRgb'); return asked.at(-1)! })
  await answers.frames('run-1', 1)
  assert.deepEqual([asked, posted.map(({ type }) => type)], [['auto', 'latentToRgb', 'latentToRgb', 'latentToRgb'], ['frame']])
  asked.length = 0
  await answers.thumbnails('run-1', [0, 1])
  assert.deepEqual([asked, posted.map(({ type }) => type)], [['auto', 'latentToRgb', 'latentToRgb', 'latentToRgb'], ['frame', 'thumbnails']])
})
