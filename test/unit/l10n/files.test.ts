import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

suite('the files of translators', () => {
  test('hold every text of the source and of package.json: else npm run l10n', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/l10n.mjs', '--check'], { encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.equal(status, 0)
  })

  test('package.json says nothing in English that a user reads, and every key of it has its text', () => {
    const texts = read('package.nls.json') as Record<string, string>
    const named = new Set<string>()
    const visit = (value: unknown, path: string): void => {
      if (typeof value === 'object' && value !== null) for (const [key, child] of Object.entries(value)) visit(child, `${path}/${key}`)
      else if (typeof value === 'string') {
        const key = /^%(.+)%$/.exec(value)?.[1]
        if (key !== undefined) named.add(key)
        // Two words in a row are prose. What is none: ids, paths, patterns, when-clauses, the names of things to the marketplace.
        else assert.ok(!/[A-Za-z]{2,} [A-Za-z]{2,}/.test(value) || /\/(when|key|mac|pattern|defaultSnippets|categories|keywords|scripts)(\/|$)/.test(path), `${path}: ${value}`)
      }
    }
    visit(read('package.json'), '')
    assert.deepEqual([...named].sort(), Object.keys(texts).sort())
    for (const [key, text] of Object.entries(texts)) assert.ok(text.trim().length > 0, key)
  })
})
