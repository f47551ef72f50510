import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { progressOf, progressText } from '../../../src/protocol/progress'
import type { Recipe } from '../../../src/recipe/recipe'
import { greyLevel } from '../../../src/render/pixels'
import { readFrames, readThumbnails } from '../../../src/run/frames'
import { openRun } from '../../../src/run/store'
import { carryOut, greyPng, ring } from '../engine/digits'
import { clientFor, recipe } from '../engine/withClient'

const image = greyPng(ring)
const kinds: Record<string, (r: Recipe) => void> = {
  'predictor and corrector': (r) => { r.solver.algorithm = 'unipc' },
  'noise on a Brownian path': (r) => { r.solver.algorithm = 'sde-dpmsolver++' },
  'Euler–Maruyama': (r) => { r.solver.algorithm = 'eulerMaruyama' },
  'raw outputs': (r) => { r.solver = { ...r.solver, algorithm: 'ddim', thresholding: true, options: { eta: 0.5, epsilon: 'raw' } } },
  'adaptive, a batch': (r) => { r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive' }; r.noise.batch = 3 },
  'adaptive, the authors’ controller, above σ = 0': (r) => { r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive', order: 3, finalSigma: 'sigmaMin', options: { controller: 'authors', rtol: 0.2, atol: 0.1 } } },
  'rk45': (r) => { r.solver = { ...r.solver, algorithm: 'rk45', options: { rtol: 0.05, atol: 0.05 } } },
  'EDM levels': (r) => { r.schedule.noise = 'edm' },
  'flow levels': (r) => { r.schedule.noise = 'flow' },
  'zero terminal SNR': (r) => { r.schedule.zeroTerminalSnr = true; r.solver.algorithm = 'dpmsolver' },
  'noised': (r) => { r.input = { ...r.input, task: 'noise', image, way: 'sde' } },
  'encoded': (r) => { r.input = { ...r.input, task: 'encode', image } },
  'encoded, adaptive': (r) => { r.input = { ...r.input, task: 'encode', image }; r.solver = { ...r.solver, algorithm: 'dpmsolver', method: 'adaptive' } },
  'encoded and decoded': (r) => { r.input = { ...r.input, task: 'reconstruct', image } },
  'inpainted': (r) => { r.input = { ...r.input, image, mask: image } },
}

test('whatever a recipe asks for, the run folder is read back whole, and the page of the format names every field of it', async (t) => {
  const client = clientFor(t)
  const page = readFileSync('docs/run-format.md', 'utf8')
  const missing = new Set<string>()
  for (const [kind, change] of Object.entries(kinds)) {
    const made = await carryOut(client, recipe((r) => { r.solver.steps = 6; change(r) }))
    assert.equal(made.end.outcome, 'finished', `${kind}: ${made.end.error?.message}`)
    const run = await openRun(made.folder)
    assert.deepEqual(run.document, made.document, kind)
    assert.deepEqual(run.rows, made.rows, kind)
    assert.deepEqual(run.end, made.end, kind)
    const names = new Set<string>()
    const collect = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(collect)
      else if (typeof value === 'object' && value !== null) for (const [name, child] of Object.entries(value)) { names.add(name); if (name !== 'recipe') collect(child) }
    }
    collect([made.document, made.rows, made.end])
    for (const name of names) if (!page.includes(`\`${name}\``) && !page.includes(`"${name}"`)) missing.add(name)
    // How far it was grows from 0 to 1, also where nobody knew how many steps there would be.
    const shares = made.rows.map((_, i) => progressOf({ rows: made.rows.slice(0, i + 1), document: made.document }).share)
    assert.ok(shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share <= 1) && shares[0]! < 0.5, `${kind}: ${shares.join(' ')}`)
    assert.ok(Math.abs(shares.at(-1)! - 1) < 1e-9, kind)
  }
  assert.deepEqual([...missing], [])
})

test('a run whose steps nobody knew before says its step and its share of the way', async (t) => {
  const made = await carryOut(clientFor(t), recipe((r) => { kinds['adaptive, a batch']!(r) }))
  assert.match(progressText({ rows: made.rows.slice(0, 5), document: made.document }), /^4 \(\d+ %\)$/)
  assert.equal(progressText(made), `${made.rows.length - 1} (100 %)`)
  assert.equal(progressText({ rows: [], document: made.document }), '0 (0 %)')
})

test('pictures of a state with the scale of EDM are of the state divided by √(1 + σ²); those of x̂₀ and of the result are as they are', async (t) => {
  const made = await carryOut(clientFor(t), recipe((r) => { r.schedule.noise = 'edm'; r.solver.steps = 6 }))
  const run = await openRun(made.folder)
  for (const row of [0, 2, run.rows.length - 1]) {
    const frames = await readFrames(run, run.rows[row]!, 'auto')
    const { alpha, sigma } = run.rows[row]!.level
    const scale = row === run.rows.length - 1 ? 1 : Math.hypot(alpha, sigma)
    const grey = (rgba: Uint8Array): number[] => Array.from({ length: 1024 }, (_, p) => rgba[4 * p]!)
    assert.deepEqual(grey(frames.x), [...made.x(row)].map((value) => greyLevel(Math.fround(value / scale))))
    assert.deepEqual(grey(frames.x0), [...made.x0(row)].map(greyLevel))
  }
  assert.ok(made.rows[0]!.x.std > 50)
})

test('thumbnails of an image that is noised show the noise coming, those of other runs x̂₀', async (t) => {
  const client = clientFor(t)
  for (const [kind, which] of [['noised', 'x'], ['encoded', 'x0']] as const) {
    const made = await carryOut(client, recipe((r) => { r.solver.steps = 4; kinds[kind]!(r) }))
    const run = await openRun(made.folder)
    const [thumbnail] = await readThumbnails(run, [run.rows[2]!], 'auto', 32)
    assert.deepEqual(Array.from({ length: 1024 }, (_, p) => thumbnail!.rgba[4 * p]!), [...made[which](2)].map(greyLevel))
  }
})
