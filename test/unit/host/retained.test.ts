import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

test('no page is kept while it is hidden: it comes back from what the host knows', () => {
  const files = readdirSync('src', { recursive: true }).map(String).filter((name) => name.endsWith('.ts'))
  const retaining = files.filter((name) => readFileSync(join('src', name), 'utf8').includes('retainContextWhenHidden'))
  assert.ok(files.some((name) => name.endsWith('previewPanel.ts')))
  assert.deepEqual(retaining, [])
})
