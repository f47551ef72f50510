import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { diskIsFull, makeFolder, whyNotWritten } from '../../../src/protocol/files'

const root = mkdtempSync(join(tmpdir(), 'dpm-files-'))
after(() => { rmSync(root, { recursive: true, force: true }) })
const failed = (code: string): Error => Object.assign(new Error(`${code}: in the system’s words`), { code })

test('a folder is made with those above it, and again without complaint', () => {
  const folder = join(root, 'a', 'b', 'c')
  for (let i = 0; i < 2; i++) makeFolder(folder)
  assert.ok(statSync(folder).isDirectory())
})

test('below a file there is no folder', () => {
  writeFileSync(join(root, 'file'), '')
  assert.throws(() => { makeFolder(join(root, 'file', 'a', 'b')) }, { code: 'ENOTDIR' })
})

test('a cause is said in words, the caller’s own first, and unknown ones as they are', () => {
  assert.equal(whyNotWritten(failed('EROFS')), 'its file system is read-only')
  assert.equal(whyNotWritten(failed('EEXIST'), { EEXIST: 'it holds a run' }), 'it holds a run')
  assert.equal(whyNotWritten(new Error('odd')), 'odd')
  assert.deepEqual([failed('ENOSPC'), failed('EDQUOT'), failed('EACCES'), new Error('odd'), null].map(diskIsFull), [true, true, false, false, false])
})
