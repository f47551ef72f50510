import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { decode } from 'fast-png'
import { demoOptions } from '../../../src/cli/demo'
import { encodePng } from '../../../src/formats/png'
import { defaultRecipe } from '../../../src/recipe/defaults'
import { fields } from '../../../src/recipe/fields'
import { setPath } from '../../../src/recipe/path'
import { exitError } from '../../../src/run/engineExit'
import { greyLevel } from '../../../src/render/pixels'
import { paperColours } from '../../../src/render/points'
import { openRun, readState } from '../../../src/run/store'
import { folderWith, nanBelow500 } from '../engine/testModels'
import { run, sample, start, workFolder } from './run'

test('--json writes one object on stdout and nothing else anywhere', async () => {
  const folder = workFolder()
  const { code, stdout, stderr } = await run(['sample', '--json', '--provider', 'cpu', '--steps', '4', '--seed', '7'], folder)
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.ok(stdout.endsWith('}\n') && stdout.trim().split('\n').length === 1)
  const answer = JSON.parse(stdout) as Record<string, unknown>
  assert.deepEqual(answer['recipe'], setPath(setPath(defaultRecipe(), 'solver.steps', 4), 'noise.seed', '7'))
  assert.equal(answer['nfe'], 4)
  assert.equal(answer['provider'], 'cpu')
  assert.ok(typeof answer['ms'] === 'number' && answer['ms'] > 0)
  const { runFolder, images, contactSheet } = answer as { runFolder: string; images: string[]; contactSheet: string }
  assert.equal(dirname(runFolder), join(folder, 'samples'))
  for (const file of [runFolder, contactSheet, ...images]) assert.ok(isAbsolute(file) && existsSync(file), file)
  assert.equal(images.length, 1)
})

test('the images are the grey levels of the last state, greyscale for one channel, and the sheet holds them all', async () => {
  for (const [model, channels] of [['digits', 1], ['emoji', 3]] as const) {
    const { runFolder, images, contactSheet } = await sample(['--model', model, '--batch', '3', '--steps', '5', '--seed', '11'], workFolder())
    const stored = await openRun(runFolder)
    const values = await readState(stored, stored.rows.at(-1)!, 'x')
    assert.equal(images.length, 3)
    const sheet = decode(readFileSync(contactSheet), { checkCrc: true })
    assert.deepEqual([sheet.width, sheet.height, sheet.channels], [64, 64, channels])
    for (const [k, file] of images.entries()) {
      const image = decode(readFileSync(file), { checkCrc: true })
      assert.deepEqual([image.width, image.height, image.channels, image.depth], [32, 32, channels, 8])
      const expected = Array.from(image.data, (_, i) => greyLevel(values[(k * channels + i % channels) * 1024 + Math.floor(i / channels)]!))
      assert.deepEqual([...image.data], expected)
      const [left, top] = [k % 2 * 32, Math.floor(k / 2) * 32]
      for (let i = 0; i < image.data.length; i++) {
        const [x, y] = [Math.floor(i / channels) % 32, Math.floor(i / channels / 32)]
        assert.equal(sheet.data[((top + y) * 64 + left + x) * channels + i % channels], image.data[i])
      }
    }
  }
})

test('a run in the plane is one picture of its points, their ways and the exact flow', async () => {
  const colours = async (steps: string): Promise<{ file: string; sheet: string | null; distinct: Set<string> }> => {
    const { runFolder, images, contactSheet } = await sample(['--model', 'mixture2d', '--batch', '16', '--steps', steps, '--seed', '11'], workFolder())
    assert.deepEqual(images, [join(runFolder, 'points.png')])
    const { width, height, channels, data } = decode(readFileSync(images[0]!), { checkCrc: true })
    assert.deepEqual([width, height, channels], [960, 960, 3])
    return { file: images[0]!, sheet: contactSheet, distinct: new Set(Array.from({ length: width * height }, (_, p) => data.slice(3 * p, 3 * p + 3).join())) }
  }
  const [few, many] = [await colours('3'), await colours('30')]
  for (const { sheet, distinct } of [few, many]) {
    assert.equal(sheet, null)
    for (const { points, exact, background } of [paperColours]) for (const colour of [points, exact, background]) assert.ok(distinct.has(colour.join()), colour.join())
  }
  assert.notDeepEqual(readFileSync(few.file), readFileSync(many.file))
})

test('the same recipe gives the same files of pictures, byte for byte', async () => {
  const [first, second] = await Promise.all([sample(['--seed', '3', '--steps', '5', '--threads', '1'], workFolder()), sample(['--seed', '3', '--steps', '5', '--threads', '1'], workFolder())])
  assert.deepEqual(readFileSync(second.images[0]!), readFileSync(first.images[0]!))
})

test('item k of a batch is the single run of seed + k, bit for bit, the wrap at 2^64 included', async () => {
  const out = workFolder()
  const batch = await sample(['--batch', '3', '--seed', '18446744073709551614', '--steps', '6', '--class-label', '4', '--guidance', '2', '--threads', '1'], out)
  assert.deepEqual(batch.seeds, ['18446744073709551614', '18446744073709551615', '0'])
  const stored = await openRun(batch.runFolder)
  for (const [k, seed] of batch.seeds.entries()) {
    const single = await sample(['--seed', seed, '--steps', '6', '--class-label', '4', '--guidance', '2', '--threads', '1'], out)
    assert.deepEqual(decode(readFileSync(single.images[0]!)).data, decode(readFileSync(batch.images[k]!)).data)
    const alone = await openRun(single.runFolder)
    for (const [i, row] of stored.rows.entries()) {
      for (const which of ['x', 'x0'] as const) {
        assert.deepEqual((await readState(stored, row, which)).slice(k * 1024, (k + 1) * 1024), await readState(alone, alone.rows[i]!, which), `row ${i}, ${which} of item ${k}`)
      }
    }
  }
})

test('the same recipe in the same second gets a folder of its own, and no earlier file is touched', async () => {
  const out = workFolder()
  const args = ['--steps', '3', '--seed', '1']
  const first = await sample(args, out)
  const before = readFileSync(join(first.runFolder, 'run.json'), 'utf8')
  const later = await Promise.all([sample(args, out), sample(args, out), sample(args, out)])
  assert.equal(new Set([first, ...later].map(({ runFolder }) => runFolder)).size, 4)
  assert.equal(readFileSync(join(first.runFolder, 'run.json'), 'utf8'), before)
  assert.deepEqual(readFileSync(join(first.runFolder, 'states.f32')), readFileSync(join(later[0].runFolder, 'states.f32')))
})

test('for people: solver, evaluations, seed, provider, time and files on stdout, progress on stderr', async () => {
  const { code, stdout, stderr } = await run(['sample', '--provider', 'cpu', '--steps', '8', '--seed', '5', '--batch', '2', '--out', 'mine'], workFolder())
  assert.equal(code, 0)
  assert.match(stdout, /solver +DPM-Solver\+\+ multistep, order 2 \(steps of order 1, 5×2, 2×1\)/)
  for (const line of [/^NFE +8$/m, /^seed +5 … 6$/m, /^provider +cpu$/m, /^time +[\d.]+ m?s/m, /^files +mine\/.*digits-dpmsolver\+\+-8-5\/$/m, /contact-sheet\.png, 0-seed-5\.png, 1-seed-6\.png/]) assert.match(stdout, line)
  assert.doesNotMatch(stdout, /evaluations, λ/)
  assert.match(stderr, /^8\/8 evaluations/m)
  assert.ok(stderr.trim().split('\n').length <= 4)
})

test('without any option a demonstration is drawn, and it is said', async () => {
  const { code, stdout, stderr } = await run(['sample'], workFolder())
  assert.equal(code, 0)
  assert.ok(stderr.includes(demoOptions.join(' ')))
  const folder = /^files +(.*)\/$/m.exec(stdout)?.[1] ?? ''
  assert.equal(basename(dirname(folder)), 'samples')
  assert.match(stdout, /^provider +\w+/m)
})

test('a random seed is below 2^32, differs each time and is told', async () => {
  const out = workFolder()
  const seeds = await Promise.all([0, 1].map(async () => (await sample(['--steps', '2'], out)).recipe.noise.seed))
  assert.notEqual(seeds[0], seeds[1])
  for (const seed of seeds) assert.ok(/^\d+$/.test(seed) && Number(seed) < 2 ** 32)
})

test('a relative model path is relative to where the command is given', async () => {
  const folder = workFolder()
  const { runFolder } = await sample(['--model', relative(folder, resolve('media/models/emoji/unet/model.onnx')), '--steps', '2'], folder)
  assert.equal((await openRun(runFolder)).document.model.path, resolve('media/models/emoji/unet/model.onnx'))
})

test('--help lists every option of the command line', async () => {
  const { code, stdout } = await run(['sample', '--help'], workFolder())
  assert.equal(code, 0)
  for (const flag of [...fields.flatMap(({ flag }) => flag ?? []), '--out', '--json', '--provider', '--threads', '--set']) assert.match(stdout, new RegExp(`^  ${flag} `, 'm'), flag)
  for (const { path, flag } of fields) if (flag === null && path !== 'version') assert.ok(stdout.includes(path), path)
})

test('plan prints the steps without sampling', async () => {
  const folder = workFolder()
  const { code, stdout } = await run(['plan', '--provider', 'cpu', '--json', '--steps', '6', '--order', '3', '--method', 'singlestep'], folder)
  assert.equal(code, 0)
  const { evaluations, levels, steps } = JSON.parse(stdout) as { evaluations: number; levels: { lambda: unknown }[]; steps: { order: number }[] }
  assert.equal(evaluations, 6)
  assert.equal(levels.at(-1)!.lambda, 'Infinity')
  assert.deepEqual(steps.map(({ order }) => order), [3, 2, 1])
  const text = await run(['plan', '--provider', 'cpu', '--steps', '6'], folder)
  assert.equal(text.stdout.trim().split('\n').length, 8)
  assert.deepEqual(readdirSync(folder), [])
})

const wrong: [what: string, args: string[], message: RegExp][] = [
  ['an unknown option', ['--stepz', '3'], /^There is no option --stepz\.\nDid you mean --steps\?\n$/],
  ['an option without its value', ['--steps'], /^The option --steps needs a value\.\n/],
  ['a value that is out of range', ['--steps', '0'], /^solver\.steps must be a whole number from 1 to 1000, not 0\.\n/],
  ['a negative value', ['--seed', '-1'], /^noise\.seed must be .*, not -1\.\n/],
  ['an unknown choice', ['--algorithm', 'eulers'], /^solver\.algorithm must be dpmsolver\+\+, dpmsolver, .* or rk45, not “eulers”\.\n/],
  ['an unknown provider', ['--provider', 'gpu'], /^--provider must be one of auto, .*, not “gpu”\.\n/],
  ['a word too many', ['digits'], /^The command sample takes options only\.\n/],
  ['steps and order that do not go together', ['--steps', '1'], /\n$/],
  ['a method that the algorithm does not have', ['--algorithm', 'sde-dpmsolver', '--method', 'adaptive'], /^SDE-DPM-Solver has no method adaptive\.\n/],
  ['an image that a task needs', ['--task', 'encode'], /^The task encode needs an image\.\n/],
  ['a class that is not there', ['--class-label', '12'], /^digits has no class 12\.\nChoose one of its 10 classes/],
  ['guidance without a class', ['--guidance', '3'], /^The guidance scale 3 cannot be applied: Guidance needs a class/],
  ['a model that is not there', ['--model', 'nowhere/model.onnx'], /^There is no model at .*nowhere.model\.onnx\.\n/],
]
for (const [what, args, message] of wrong) {
  test(`${what} ends with exit code 1, a sentence and advice, and nothing else`, async () => {
    const folder = workFolder()
    const text = await run(['sample', '--provider', 'cpu', ...args], folder)
    assert.equal(text.code, 1)
    assert.equal(text.stdout, '')
    assert.match(text.stderr, message)
    assert.equal(text.stderr.trim().split('\n').length, 2)
    assert.doesNotMatch(text.stderr, /^ +at /m)
    const json = await run(['sample', '--provider', 'cpu', '--json', ...args], folder)
    assert.equal(json.code, 1)
    assert.equal(json.stderr, '')
    const { error, ...rest } = JSON.parse(json.stdout) as { error: Record<string, unknown> }
    assert.deepEqual(rest, {})
    assert.deepEqual(Object.keys(error), ['reason', 'message', 'advice'])
    assert.equal(`${String(error['message'])}\n${String(error['advice'])}\n`, text.stderr)
    assert.deepEqual(readdirSync(folder), [])
  })
}

test('a truncated model and a folder that cannot be written end in a sentence each', async () => {
  const folder = workFolder()
  writeFileSync(join(folder, 'short.onnx'), readFileSync('media/models/digits/unet/model.onnx').subarray(0, 100_000))
  const truncated = await run(['sample', '--provider', 'cpu', '--model', 'short.onnx'], folder)
  assert.equal(truncated.code, 1)
  assert.match(truncated.stderr, /short\.onnx/)
  assert.equal(truncated.stderr.trim().split('\n').length, 2)
  writeFileSync(join(folder, 'file'), '')
  const blocked = await run(['sample', '--provider', 'cpu', '--steps', '2', '--out', 'file'], folder)
  assert.equal(blocked.code, 1)
  assert.match(blocked.stderr, /file cannot be written: a part of its path is a file\.\nChoose another folder with --out, or free some space\.\n$/)
})

if (process.platform === 'linux') {
  test('a place where the system makes no folders ends in a sentence, too', { timeout: 600_000 }, async (t) => {
    const { child, ended } = start(['sample', '--provider', 'cpu', '--steps', '2', '--out', '/proc/samples/mine'], workFolder())
    t.after(() => { if (child.exitCode === null) child.kill('SIGKILL') })
    const { code, stderr } = await ended
    assert.equal(code, 1)
    assert.match(stderr, /^\/proc\/samples\/mine cannot be written: there is no place for it\.\n/)
  })
}

test('values that become NaN: the step is named, the rows until then stay and are named, numbers in the files are words', async () => {
  const folder = workFolder()
  const model = join(folderWith({ 'nan.onnx': nanBelow500() }), 'nan.onnx')
  const { code, stdout, stderr } = await run(['sample', '--provider', 'cpu', '--model', model, '--steps', '8', '--seed', '1', '--spacing', 'timeUniform'], folder)
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /NaN.* step \d+/)
  const [, rows, kept] = /What was recorded until then \((\d+) rows?\) is kept in (.*)\.$/m.exec(stderr)!
  const stored = await openRun(kept!)
  assert.deepEqual([stored.outcome, stored.end!.error!.reason, stored.rows.length], ['failed', 'nonFinite', Number(rows)])
  assert.ok(stored.rows.at(-1)!.x0.nonFinite > 0)
  assert.match(readFileSync(join(kept!, 'events.jsonl'), 'utf8'), /"mean":"NaN"/)
})

/** A run long enough to be interfered with. */
const long = ['sample', '--provider', 'cpu', '--threads', '1', '--model', 'emoji', '--batch', '8', '--steps', '1000', '--seed', '1']

test('an engine killed from outside: a sentence, exit code 1, and what was recorded stays and is named', async () => {
  const folder = workFolder()
  const { stderrMatches, ended } = start([...long, '--verbose'], folder)
  const pid = Number((await stderrMatches(/process (\d+), Node/))[1])
  await stderrMatches(/run\/rows/)
  process.kill(pid, 'SIGKILL')
  const { code, stdout, stderr } = await ended
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^The engine process exited \(SIGKILL\) during step \d+ of 1000\.$/m)
  const [, rows, kept] = /What was recorded until then \((\d+) rows?\) is kept in (.*)\.$/m.exec(stderr)!
  assert.doesNotMatch(stderr, /^ +at /m)
  const stored = await openRun(kept!)
  assert.equal(stored.outcome, 'failed')
  assert.equal(stored.end!.error!.reason, 'engineExited')
  assert.equal(stored.rows.length, Number(rows))
})

for (const [signal, expected] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`${signal} stops between evaluations, keeps what is done and exits with ${expected}`, async () => {
    const { child, stderrMatches, ended } = start([...long, '--verbose', '--json'], workFolder())
    await stderrMatches(/run\/rows/)
    // A terminal sends Ctrl+C to the whole process group, the engine included; others send to the process they know.
    process.kill(signal === 'SIGINT' ? -child.pid! : child.pid!, signal)
    const { code, stdout } = await ended
    assert.equal(code, expected)
    const answer = JSON.parse(stdout) as { outcome: string; nfe: number; images: string[]; runFolder: string }
    assert.equal(answer.outcome, 'stopped')
    assert.ok(answer.nfe > 0 && answer.nfe < 1000)
    assert.equal(answer.images.length, 8)
    const stored = await openRun(answer.runFolder)
    assert.equal(stored.rows.length, answer.nfe)
    const estimate = await readState(stored, stored.rows.at(-1)!, 'x0')
    assert.equal(decode(readFileSync(answer.images[0]!)).data[0], greyLevel(estimate[0]!))
  })
}

test('interrupted while the model is loading: nothing is written, and that is said', async () => {
  const folder = workFolder()
  const { child, stderrMatches, ended } = start([...long, '--verbose'], folder)
  await stderrMatches(/engine\/hello/)
  process.kill(-child.pid!, 'SIGINT')
  const { code, stdout, stderr } = await ended
  assert.equal(code, 130)
  assert.equal(stdout, '')
  assert.match(stderr, /^Interrupted before sampling began\.\nNothing was written\.$/m)
  assert.deepEqual(existsSync(join(folder, 'samples')) ? readdirSync(join(folder, 'samples')) : [], [])
})

test('an engine that Ctrl+C ends is one whose exit says SIGINT', () => {
  assert.equal(exitError({ code: null, signal: 'SIGINT' }, 'engine.js', undefined, undefined).cause, 'SIGINT')
})

test('an image is named relative to where the command is given, and the run has its whole path', async () => {
  const folder = workFolder()
  writeFileSync(join(folder, 'grey.png'), encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(90) }))
  const { runFolder } = await sample(['--task', 'noise', '--image', 'grey.png', '--steps', '3', '--seed', '1'], folder)
  assert.equal((await openRun(runFolder)).document.recipe.input.image, join(folder, 'grey.png'))
  assert.match(basename(runFolder), /-digits-noise-3-1$/)
})
