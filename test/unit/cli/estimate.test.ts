import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodePng } from '../../../src/formats/png'
import { isStatistic } from '../../../src/sampler/methods/analyticDpm'
import { folderWith, half } from '../engine/testModels'
import { run, start, workFolder } from './run'

const cpu = ['--provider', 'cpu'] as const
const picture = encodePng({ width: 4, height: 4, channels: 1, data: Uint8Array.from({ length: 16 }, (_, i) => 17 * i) })

test('estimate writes a statistic that the model has from then on', async () => {
  const model = folderWith({ 'unet/model.onnx': half(), 'pictures/a.png': picture, 'pictures/b.png': picture })
  const plan = ['plan', '--json', ...cpu, '--model', model, '--algorithm', 'analyticDpm', '--steps', '5']
  const before = await run(plan, workFolder())
  assert.equal(before.code, 1)
  assert.match(before.stdout, /needs a statistic of the network/)
  const out = join(model, 'noise_statistic.json')
  const { code, stdout, stderr } = await run(['estimate', '--json', ...cpu, '--model', model, '--images', join(model, 'pictures'), '--levels', '5', '--out', out], workFolder())
  assert.deepEqual([code, stderr], [0, ''])
  const answer = JSON.parse(stdout) as { statistic: unknown; images: number; evaluations: number; file: string }
  assert.deepEqual([answer.images, answer.evaluations, answer.file], [2, 5, out])
  const written: unknown = JSON.parse(readFileSync(out, 'utf8'))
  assert.ok(isStatistic(written) && isStatistic(answer.statistic) && written.lambda.length === 5)
  written.meanSquare.forEach((value, i) => { assert.ok(Math.abs(value / (answer.statistic as typeof written).meanSquare[i]! - 1) < 1e-5) })
  assert.equal((await run(plan, workFolder())).code, 0)
})

test('for people: the images, the evaluations, and a line for every level; without --out nothing is written', async () => {
  const folder = workFolder()
  const { code, stdout } = await run(['estimate', ...cpu, '--model', folderWith({ 'model.onnx': half() }), '--count', '4', '--levels', '3'], folder)
  assert.equal(code, 0)
  assert.match(stdout, /^images {4}4 of the model’s own samples\nNFE {7}23\ntime .*\n\n +λ {2}E\|ε̂\|²\/D\n( *-?[\d.]+ {2}[\d.e+-]+\n){3}$/)
})

test('what cannot be is refused in one sentence, before anything is estimated', async () => {
  const folder = workFolder()
  writeFileSync(join(folder, 'text.png'), 'no picture')
  const model = ['--model', folderWith({ 'model.onnx': half() })]
  for (const [words, message] of [
    [['--levels', '0'], /--levels must be a whole number from 1 to 10000, not “0”/], [['--count', 'many'], /--count must be a whole number/], [['--seed', '-1'], /noise\.seed must be a whole number/],
    [['--set', 'solver.steps=5'], /--set solver\.steps changes nothing here/], [['--out', folder], /--out names the folder/], [['--images', join(folder, 'nowhere')], /cannot be read \(ENOENT\)/], [['--images', folder], /text\.png is not a PNG file/],
  ] as const) {
    const { code, stderr } = await run(['estimate', ...cpu, ...model, ...words], folder)
    assert.equal(code, 1, words.join(' '))
    assert.match(stderr, message)
    assert.equal(stderr.trim().split('\n').length, 2, stderr)
  }
})

test('Ctrl+C ends it between two evaluations and writes nothing', async () => {
  const out = join(workFolder(), 'statistic.json')
  const { child, ended, stderrMatches } = start(['estimate', ...cpu, '--count', '64', '--levels', '4000', '--out', out, '--verbose'], workFolder())
  await stderrMatches(/statistic\/progress/)
  child.kill('SIGINT')
  const { code, stderr } = await ended
  assert.equal(code, 130)
  assert.match(stderr, /Interrupted before the estimation was over\.\nNothing was written\./)
  assert.ok(!existsSync(out))
})

test('the bundled models come with a statistic', async () => {
  for (const model of ['digits', 'emoji']) assert.equal((await run(['plan', '--json', ...cpu, '--model', model, '--algorithm', 'analyticDpm'], workFolder())).code, 0, model)
})
