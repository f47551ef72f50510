import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const errors = (...args: string[]): { status: number | null; stdout: string; stderr: string } => spawnSync(process.execPath, ['dist/scripts/errors.js', ...args], { encoding: 'utf8' })

test('npm run errors: at or under the peers’ best at every number of evaluations, with a method named', (t) => {
  const { status, stdout, stderr } = errors('--json')
  assert.equal(status, 0, stderr)
  const { schedules } = JSON.parse(stdout) as { schedules: { schedule: string; rows: { nfe: number; bestPeer: number; ours: number; method: string; spacing: string }[] }[] }
  assert.deepEqual(schedules.map(({ schedule }) => schedule), ['vp_linear t0=1e-3', 'vp_linear t0=1e-4', 'disc_sd'])
  for (const { schedule, rows } of schedules) {
    assert.deepEqual(rows.map(({ nfe }) => nfe), [5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 50])
    for (const row of rows) {
      assert.deepEqual(Object.keys(row), ['nfe', 'bestPeer', 'ours', 'method', 'spacing'])
      assert.ok(row.ours <= row.bestPeer, `${schedule} at ${row.nfe}: ${row.ours} above ${row.bestPeer}`)
    }
    t.diagnostic(`${schedule}: ours/peer ${rows.map(({ nfe, ours, bestPeer }) => `${(ours / bestPeer).toFixed(2)} at ${nfe}`).join(', ')}`)
  }
})

test('npm run errors says in one sentence what it does not understand', () => {
  for (const args of [['--fast'], ['no-such-file.json'], ['package.json']]) {
    const { status, stdout, stderr } = errors(...args)
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    assert.doesNotMatch(stderr, /Unexpected|\n\s+at /)
  }
})
