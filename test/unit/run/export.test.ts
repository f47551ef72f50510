import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { decode } from 'fast-png'
import { unzipSync } from 'fflate'
import { setPath } from '../../../src/recipe/path'
import { stringifyJson } from '../../../src/protocol/json'
import type { RunDocument } from '../../../src/protocol/run'
import type { VideoPart } from '../../../src/protocol/video'
import { exportChoices, exportKinds, exportQuestion, type ExportKindName } from '../../../src/run/exports/kinds'
import { exportRun, type Exporting, type VideoEncoding } from '../../../src/run/exports/exportRun'
import { openRecording } from '../../../src/run/recording'
import { keptRows, openRun, readState, type StoredRun } from '../../../src/run/store'
import { withEvenSides } from '../../../src/render/pictures'
import { DpmError } from '../../../src/sampler/errors'
import { document, keeping, record, temporary, value, valuesOf, writeRun } from './folder'

const kinds = Object.keys(exportKinds) as ExportKindName[]
const end = (at: RunDocument, rows: number): string => `${stringifyJson({ event: 'end', outcome: 'finished', rows, evaluations: at.plan.evaluations, ms: 6 })}\n`
const quiet = (): Exporting => ({ metadata: 'full', method: 'auto', progress: () => {}, signal: new AbortController().signal, video: noVideo() })

/** An encoder whose file is a byte for each call, the first of them written last. */
function noVideo(): VideoEncoding & { pictures: { width: number; height: number; ms: number }[] } {
  const pictures: { width: number; height: number; ms: number }[] = []
  let size = { width: 0, height: 0 }
  const part = (position: number, value: number): Promise<VideoPart[]> => Promise.resolve([{ position, data: Uint8Array.of(value) }])
  return {
    pictures,
    begin: (width, height) => { size = { width, height }; return Promise.resolve([]) },
    add: (rgba, ms) => {
      assert.equal(rgba.length, 4 * size.width * size.height)
      return part(pictures.push({ ...size, ms }), 9)
    },
    end: () => part(0, 7),
  }
}

async function recorded(rows = 4): Promise<{ run: StoredRun; root: string }> {
  const root = temporary()
  const at = document()
  return { run: await openRun(writeRun(root, at, rows, [end(at, rows)])), root }
}

suite('exports of a recorded run', () => {
  for (const kind of kinds) {
    test(`${kind}: the target is there, replaced where it was, and nothing beside it`, async () => {
      const { run, root } = await recorded()
      const out = join(root, 'deep', 'out')
      const target = join(out, exportKinds[kind].extension === null ? 'run' : `run.${exportKinds[kind].extension}`)
      for (let i = 0; i < 2; i++) {
        const told: number[] = []
        assert.equal(await exportRun(run, kind, target, { ...quiet(), progress: (done) => { told.push(done) } }), true)
        assert.deepEqual(readdirSync(out), [target.slice(out.length + 1)])
        assert.ok(told.every((done, k) => k === 0 || done >= told[k - 1]!))
      }
    })

    test(`${kind}: cancelled, it leaves what was there and nothing else`, async () => {
      const { run, root } = await recorded()
      const target = join(root, 'run.out')
      writeFileSync(target, 'before')
      const cancel = new AbortController()
      cancel.abort()
      assert.equal(await exportRun(run, kind, target, { ...quiet(), signal: cancel.signal }), false)
      assert.equal(readFileSync(target, 'utf8'), 'before')
      assert.deepEqual(readdirSync(root).sort(), ['run-1', 'run.out'])
    })

    test(`${kind}: where it cannot be written the error names the place`, async () => {
      const { run, root } = await recorded()
      writeFileSync(join(root, 'file'), '')
      const error = await exportRun(run, kind, join(root, 'file', 'run'), quiet()).then(() => undefined, (thrown: unknown) => thrown)
      assert.ok(error instanceof DpmError && error.reason === 'outputFile')
      assert.match(error.message, /file.* cannot be written: a part of its path is a file\.$/)
    })

    if (kind !== 'csv') {
      test(`${kind}: a recording that is shorter than it says leaves what was there`, async () => {
        const { run, root } = await recorded()
        const target = join(root, 'run.out')
        writeFileSync(target, 'before')
        truncateSync(run.statesPath, run.document.states.rowBytes)
        await assert.rejects(exportRun(run, kind, target, quiet()), (error: unknown) => error instanceof DpmError && error.reason === 'runFolder')
        assert.equal(readFileSync(target, 'utf8'), 'before')
        assert.deepEqual(readdirSync(root).sort(), ['run-1', 'run.out'])
      })
    }
  }

  test('a video has a picture for each row, of even sides, and its parts stand where the encoder says', async () => {
    const { run, root } = await recorded()
    const file = join(root, 'run.webm')
    const video = noVideo()
    assert.equal(await exportRun(run, 'webm', file, { ...quiet(), video }), true)
    assert.deepEqual([...readFileSync(file)], [7, 9, 9, 9, 9])
    assert.deepEqual(video.pictures.map(({ ms }) => ms), [125, 125, 125, 2000])
    for (const { width, height } of video.pictures) assert.ok(width % 2 === 0 && height % 2 === 0 && Math.min(width, height) >= 16, `${width}×${height}`)
    const odd = withEvenSides({ width: 3, height: 1, rgba: Uint8Array.from({ length: 12 }, (_, i) => i) })
    assert.deepEqual(odd, { width: 4, height: 2, rgba: Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 8, 9, 10, 11]) })
  })

  test('a video that its encoder gives up, or that has none, leaves what was there', async () => {
    const { run, root } = await recorded()
    const file = join(root, 'run.webm')
    writeFileSync(file, 'before')
    const closed = new DpmError({ reason: 'outputFile', message: 'The page was closed.', advice: 'Keep it.' })
    await assert.rejects(exportRun(run, 'webm', file, { ...quiet(), video: { ...noVideo(), end: () => Promise.reject(closed) } }), closed)
    const cancel = new AbortController()
    const add = (): Promise<never> => { cancel.abort(); return Promise.reject(closed) }
    assert.equal(await exportRun(run, 'webm', file, { ...quiet(), signal: cancel.signal, video: { ...noVideo(), add } }), false)
    const { metadata, method, progress, signal } = quiet()
    await assert.rejects(exportRun(run, 'webm', file, { metadata, method, progress, signal }), /WebM is encoded by the preview page/)
    assert.equal(readFileSync(file, 'utf8'), 'before')
    assert.deepEqual(readdirSync(root).sort(), ['run-1', 'run.webm'])
  })

  test('a folder with anything but pictures of an export in it is left alone', async () => {
    const { run, root } = await recorded()
    for (const target of [root, run.folder]) {
      const before = readdirSync(target)
      await assert.rejects(exportRun(run, 'pngSequence', target, quiet()), (error: unknown) => error instanceof DpmError && error.reason === 'outputFile' && /which is no picture of an export/.test(error.message))
      assert.deepEqual(readdirSync(target), before)
    }
    mkdirSync(join(root, 'empty'))
    assert.equal(await exportRun(run, 'pngSequence', join(root, 'empty'), quiet()), true)
  })

  test('a picture says of files their names only', async () => {
    const { run, root } = await recorded()
    const document = { ...run.document, recipe: setPath(setPath(run.document.recipe, 'model.path', '/home/somebody/models/mine'), 'input.image', '/home/somebody/cat.png') }
    await exportRun({ ...run, document }, 'pngSequence', join(root, 'pictures'), quiet())
    const { text } = decode(readFileSync(join(root, 'pictures', 'x-0.png')))
    assert.doesNotMatch(JSON.stringify(text), /somebody/)
    assert.match(text['dpm-solver']!, /"path":"mine".*"image":"cat\.png"/)
  })

  test('nothing recorded: a sentence', async () => {
    const { run } = await recorded(0)
    await assert.rejects(exportRun(run, 'csv', join(temporary(), 'a.csv'), quiet()), /Nothing of this run was recorded/)
  })

  test('a .dpmrun file is the run again: its document, its rows and its states', async () => {
    const { run, root } = await recorded()
    const file = join(root, 'one.dpmrun')
    await exportRun(run, 'dpmrun', file, quiet())
    const read = await openRecording(file)
    assert.deepEqual(read.document, run.document)
    assert.deepEqual(read.end, run.end)
    assert.deepEqual(read.rows.map((row) => ({ ...row, offset: 0 })), run.rows.map((row) => ({ ...row, offset: 0 })))
    for (const row of read.rows) for (const what of ['x', 'x0'] as const) assert.deepEqual([...await readState(read, row, what)], Array.from({ length: 8 }, (_, v) => value(row.row, what, v)))
    const again = join(root, 'two.dpmrun')
    await exportRun(read, 'dpmrun', again, quiet())
    assert.deepEqual(readFileSync(again), readFileSync(file))
  })

  for (const [keep, kept] of [[{ keep: 'everyN', every: 5 }, [0, 5, 10, 12]], [{ keep: 'lastOnly' }, [12]]] as const) {
    test(`of a run that keeps some of its states (${keep.keep}) every form has those, and the table all rows`, async () => {
      const root = temporary()
      const at = keeping(keep, 12)
      record(join(root, 'run-1'), at, 0, 13).end({ event: 'end', outcome: 'finished', rows: 13, evaluations: 12, ms: 6 })
      const run = await openRun(join(root, 'run-1'))
      await exportRun(run, 'csv', join(root, 'run.csv'), quiet())
      assert.equal(readFileSync(join(root, 'run.csv'), 'utf8').trim().split('\n').length, 14)
      await exportRun(run, 'pngSequence', join(root, 'pictures'), quiet())
      assert.deepEqual(readdirSync(join(root, 'pictures')).sort(), ['x', 'x0'].flatMap((what) => kept.map((one) => `${what}-${String(one).padStart(2, '0')}.png`)))
      const video = noVideo()
      await exportRun(run, 'webm', join(root, 'run.webm'), { ...quiet(), video })
      assert.deepEqual(video.pictures.map(({ ms }) => ms), [...kept.slice(1).map(() => 125), 2000])
      for (const kind of ['apng', 'gif', 'contactSheet'] as const) assert.equal(await exportRun(run, kind, join(root, kind), quiet()), true)
      assert.equal(decode(readFileSync(join(root, 'contactSheet'))).width, kept.length * 3 - 1)
      await exportRun(run, 'npz', join(root, 'run.npz'), quiet())
      const entries = unzipSync(readFileSync(join(root, 'run.npz')))
      const last = (name: string, bytes: number): ArrayBuffer => entries[`${name}.npy`]!.slice(-bytes).buffer
      assert.deepEqual([...new Int32Array(last('row', 4 * kept.length))], kept)
      assert.deepEqual([...new Float32Array(last('x0', 32 * kept.length))], kept.flatMap((one) => valuesOf(one, 'x0')))

      const file = join(root, 'one.dpmrun')
      await exportRun(run, 'dpmrun', file, quiet())
      const read = await openRecording(file)
      assert.deepEqual([read.rows.length, read.document, read.end], [13, run.document, run.end])
      for (const row of read.rows) {
        if (kept.some((one) => one === row.row)) for (const what of ['x', 'x0'] as const) assert.deepEqual([...await readState(read, row, what)], valuesOf(row.row, what))
        else await assert.rejects(readState(read, row, 'x'), DpmError)
      }
      await exportRun(read, 'dpmrun', join(root, 'two.dpmrun'), quiet())
      assert.deepEqual(readFileSync(join(root, 'two.dpmrun')), readFileSync(file))
      // An extension that reads version 1 alone goes by this.
      assert.match(readFileSync(file, 'latin1').slice(0, 20_000), /"version":"2"/)
      writeFileSync(file, readFileSync(file, 'latin1').replace('"version":"2"', '"version":"3"'), 'latin1')
      await assert.rejects(openRecording(file), /of version 3 of the format, and this extension reads versions 1 and 2/)
    })
  }

  test('a run that goes on and keeps some of its states is exported as far as it keeps them; one that was interrupted wholly', async () => {
    for (const keep of [{ keep: 'everyN', every: 5 }, { keep: 'lastOnly' }] as const) {
      const root = temporary()
      const folder = join(root, 'run-1')
      const at = keeping(keep, 12)
      record(folder, at, 0, 8)
      const run = await openRun(folder)
      record(folder, at, 8, 10)
      const [going, table] = [join(root, 'going.dpmrun'), join(root, 'going.csv')]
      if (keep.keep === 'lastOnly') {
        await assert.rejects(exportRun(run, 'dpmrun', going, quiet()), (error: DpmError) => /goes on, and keeps the states of its newest step alone/.test(error.message) && /when it is over/.test(error.advice))
        await assert.rejects(readState(run, run.rows[7]!, 'x'), (error: DpmError) => /Row 7 .* were not kept\.$/.test(error.message) && error.advice === 'Choose a step whose states are kept, or wait until the run is over.' && error.remedy === undefined)
      } else {
        await exportRun(run, 'dpmrun', going, quiet())
        const read = await openRecording(going)
        assert.equal(read.rows.length, 6)
        for (const row of [0, 5]) assert.deepEqual([...await readState(read, read.rows[row]!, 'x0')], valuesOf(row, 'x0'))
      }
      await exportRun(run, 'csv', table, quiet())
      assert.equal(readFileSync(table, 'utf8').trim().split('\n').length, 9)
      const longAgo = new Date(Date.now() - 3_600_000)
      utimesSync(join(folder, 'events.jsonl'), longAgo, longAgo)
      await exportRun(await openRun(folder), 'dpmrun', going, quiet())
      const whole = await openRecording(going)
      assert.equal(whole.rows.length, 10)
      assert.deepEqual([...await readState(whole, whole.rows[9]!, 'x')], valuesOf(9, 'x'))
    }
  })

  test('the list of forms says of how many states an export is, of how many rows; the table has all of them', async () => {
    for (const [keep, states] of [[{ keep: 'everyN', every: 5 }, 4], [{ keep: 'lastOnly' }, 1], [null, 13]] as const) {
      const root = temporary()
      record(join(root, 'run-1'), keeping(keep, 12), 0, 13)
      const run = await openRun(join(root, 'run-1'))
      const extent = { rows: run.rows.length, states: keptRows(run).length }
      assert.deepEqual(extent, { rows: 13, states })
      assert.deepEqual(exportChoices(extent).map(({ name }) => name), kinds)
      for (const { name, description, detail } of exportChoices(extent)) {
        assert.equal(description, keep && name !== 'csv' ? `${states} of 13 states` : '13 states')
        assert.ok(name === 'csv' || !/every (recorded )?step(?! kept)/.test(detail), detail)
      }
      assert.equal(exportQuestion(extent), keep?.keep === 'lastOnly' ? 'Save the one state that was kept, of 13, as …' : keep ? `Save the ${states} states that were kept, of 13, as …` : 'Save every recorded step as …')
    }
  })

  test('an interrupted run is exported as far as it is recorded, and stays interrupted', async () => {
    const root = temporary()
    const run = await openRun(writeRun(root, document(), 2))
    await exportRun(run, 'dpmrun', join(root, 'part.dpmrun'), quiet())
    const read = await openRecording(join(root, 'part.dpmrun'))
    assert.deepEqual([read.rows.length, read.outcome], [2, 'interrupted'])
  })

  test('what is no .dpmrun file, or was cut short, is named', async () => {
    const { run, root } = await recorded()
    const file = join(root, 'run.dpmrun')
    await exportRun(run, 'dpmrun', file, quiet())
    const bytes = readFileSync(file)
    const damaged: [string, Uint8Array][] = [['empty', new Uint8Array(0)], ['text', Buffer.from('hello, this is no recording')], ['cut', bytes.subarray(0, bytes.length - 1)], ['header', bytes.subarray(0, 100)]]
    for (const [name, content] of damaged) {
      const path = join(root, `${name}.dpmrun`)
      writeFileSync(path, content)
      await assert.rejects(openRecording(path), (error: unknown) => error instanceof DpmError && error.reason === 'runFolder' && error.message.startsWith(`${path} cannot be opened as a recorded run: `))
    }
    mkdirSync(join(root, 'folder.dpmrun'))
    await assert.rejects(openRecording(join(root, 'folder.dpmrun')), DpmError)
    await assert.rejects(openRecording(join(root, 'missing.dpmrun')), DpmError)
  })

  test('npz holds the states and the levels', async () => {
    const { run, root } = await recorded()
    await exportRun(run, 'npz', join(root, 'run.npz'), quiet())
    const entries = unzipSync(readFileSync(join(root, 'run.npz')))
    assert.deepEqual(Object.keys(entries), ['x', 'x0', 't', 'alpha', 'sigma', 'lambda', 'row', 'order', 'evaluations', 'ms', 'run_json'].map((name) => `${name}.npy`))
    const values = (name: string): Uint8Array => entries[`${name}.npy`]!.slice(-run.rows.length * 8)
    assert.deepEqual([...new Float64Array(values('lambda').buffer)], run.rows.map(({ level }) => level.lambda))
  })

  test('PNG files say how they were made, as much as is asked for', async () => {
    const { run, root } = await recorded()
    for (const [metadata, keywords] of [['full', ['parameters', 'dpm-solver']], ['parameters', ['parameters']], ['none', []]] as const) {
      await exportRun(run, 'pngSequence', join(root, metadata), { ...quiet(), metadata })
      const names = readdirSync(join(root, metadata)).sort()
      assert.deepEqual(names, ['x-0.png', 'x-1.png', 'x-2.png', 'x-3.png', 'x0-0.png', 'x0-1.png', 'x0-2.png', 'x0-3.png'])
      const { text } = decode(readFileSync(join(root, metadata, 'x0-2.png')))
      assert.deepEqual(Object.keys(text), keywords)
      if (metadata !== 'none') assert.match(text['parameters']!, /^Steps: 3, Sampler: DPM\+\+ 2M, .*Seed: 7.*, Version: dpm-solver 0\.1\.0$/)
      if (metadata === 'full') {
        const said = JSON.parse(text['dpm-solver']!) as { recipe: unknown; row: number; what: string }
        assert.deepEqual([said.recipe, said.row, said.what], [run.document.recipe, 2, 'x0'])
      }
    }
    assert.ok(existsSync(join(root, 'none', 'x-0.png')))
  })
})
