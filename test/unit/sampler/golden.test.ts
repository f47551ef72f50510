import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { readFolder } from '../../../scripts/golden/file'
import { runFile } from '../../../scripts/golden/run'

const folder = 'test/fixtures/golden'

describe('numbers of the authors’ own code and of the noise generator', () => {
  for (const file of readFolder(folder)) {
    test(`${file.name} (${file.kind}, ${file.cases.length} cases)`, async (t) => {
      const report = await runFile(file)
      t.diagnostic(`${report.passed} passed, worst ${report.worst.toExponential(1)}, unsupported: ${[...report.missing].map(([method, n]) => `${method} (${n})`).join(', ') || 'none'}`)
      assert.deepEqual(report.failures, [])
      assert.equal(report.passed + report.unsupported, file.cases.length)
      // What other programs have and this one does not: LCM, TCD, SA-Solver, and a Brownian tree of torchsde.
      if (file.kind !== 'diffusers/peer-test') assert.equal(report.passed, file.cases.length)
    })
  }

  test('whole runs agree to 1e-10 where the authors’ own numbers are that exact', async () => {
    const file = readFolder(folder).find(({ name }) => name === 'official_final_vp_linear.json')!
    const report = await runFile({ ...file, check: { relative: 1e-10, floor: 1 } })
    assert.deepEqual(report.failures, [])
  })
})

describe('npm run golden', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'golden-'))
  after(() => { rmSync(temporary, { recursive: true, force: true }) })
  const golden = (...args: string[]): { status: number | null; stdout: string; stderr: string } => spawnSync(process.execPath, ['dist/scripts/golden.js', ...args], { encoding: 'utf8' })
  const folderWith = (files: Record<string, string>): string => {
    const made = mkdtempSync(join(temporary, 'case-'))
    for (const [name, content] of Object.entries(files)) writeFileSync(join(made, name), content)
    return made
  }
  const shown = (name: string): Record<string, unknown> & { cases: Record<string, unknown>[] } => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ReturnType<typeof shown>

  test('prints a line for every file and the total, and exits 0', () => {
    const { status, stdout, stderr } = golden(folder)
    assert.equal(status, 0, stderr)
    for (const { name } of readFolder(folder)) assert.match(stdout, new RegExp(`^${name.replace('.', '\\.')} +\\d+ +\\d+ +0 +\\d+ `, 'm'))
    assert.match(stdout, /^total /m)
  })

  test('--json prints one object, whose totals are the sums; measurements count no cases', () => {
    const { status, stdout } = golden(folder, '--json')
    assert.equal(status, 0)
    const { files, total } = JSON.parse(stdout) as { files: Record<string, number | string>[]; total: Record<string, number> }
    for (const key of ['cases', 'passed', 'failed', 'unsupported'] as const) assert.equal(total[key], files.reduce((sum, file) => sum + Number(file[key]), 0))
    assert.equal(total['worst'], Math.max(...files.map(({ worst }) => Number(worst))))
    assert.equal(files.find(({ file }) => file === 'errors_rk45_vp_linear_0.001.json')?.['cases'], 0)
  })

  test('goes by kind and check, not by file name, and reads other schedules, models and tolerances', () => {
    const final = shown('official_final_vp_linear.json')
    const schedule = shown('official_schedules.json')
    const discrete = schedule.cases.find(({ schedule: name }) => name === 'disc_ddpm')!
    const betas = Array.from({ length: 1000 }, (_, i) => 1e-4 + (0.02 - 1e-4) * i / 999)
    const made = folderWith({
      'a.json': JSON.stringify({ ...final, check: { absolute: 1e-6 }, cases: final.cases.slice(0, 4) }),
      'b.json': JSON.stringify({ ...schedule, cases: [{ ...discrete, params: { schedule: 'discrete', betas } }] }),
      'c.json': JSON.stringify({ kind: 'a/new-kind', check: {}, cases: [{ fn: 'sample_new' }] }),
    })
    const { status, stdout } = golden(made, '--json')
    assert.equal(status, 0)
    const { total, files } = JSON.parse(stdout) as { total: Record<string, number>; files: Record<string, unknown>[] }
    assert.deepEqual([total['cases'], total['passed'], total['unsupported']], [6, 5, 1])
    assert.deepEqual(files[2]!['methods'], { 'a/new-kind sample_new': 1 })
  })

  test('a case beyond its tolerance fails, is named, and the exit code is 1', () => {
    const file = shown('official_final_disc_ddpm.json')
    const [first] = file.cases
    const x = structuredClone(first!['x']) as number[][]
    x[0]![0]! += 1e-6
    const { status, stdout, stderr } = golden(folderWith({ 'final.json': JSON.stringify({ ...file, cases: [{ ...first, x }, first] }) }))
    assert.equal(status, 1)
    assert.match(stdout, /^final\.json +2 +1 +1 +0 /m)
    assert.match(stderr, /final\.json case 0 .*x\[0\] is /)
  })

  test('a case that lacks what its kind needs fails alone', () => {
    const file = shown('official_final_disc_ddpm.json')
    const torn = { ...file.cases[0], steps: undefined }
    const { status, stdout, stderr } = golden(folderWith({ 'final.json': JSON.stringify({ ...file, cases: [torn, file.cases[1]] }) }))
    assert.equal(status, 1)
    assert.match(stdout, /^final\.json +2 +1 +1 /m)
    assert.match(stderr, /“steps” is not a number/)
  })

  const garbage: [string, () => string[]][] = [
    ['no folder named', () => []],
    ['a folder that does not exist', () => [join(temporary, 'nowhere')]],
    ['a folder without golden files', () => [folderWith({ 'README.md': '# nothing' })]],
    ['a file that is not JSON', () => [folderWith({ 'a.json': '{ "kind": ' })]],
    ['a file that holds a list', () => [folderWith({ 'a.json': '[1, 2]' })]],
    ['a file without a kind', () => [folderWith({ 'a.json': '{ "cases": [] }' })]],
    ['a file without cases', () => [folderWith({ 'a.json': '{ "kind": "noise", "check": {} }' })]],
    ['an option that does not exist', () => [folder, '--fast']],
  ]
  for (const [what, args] of garbage) {
    test(`${what}: one sentence, exit code 1, no stack`, () => {
      const given = args()
      const { status, stdout, stderr } = golden(...given)
      assert.equal(status, 1)
      assert.equal(stdout, '')
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
      assert.doesNotMatch(stderr, /\n\s+at |node:/)
      const json = golden(...given, '--json')
      assert.equal(json.status, 1)
      assert.equal((JSON.parse(json.stdout) as { error: { message: string } }).error.message, stderr.trimEnd())
    })
  }
})
