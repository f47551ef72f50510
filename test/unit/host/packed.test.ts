import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'

/** What the host loads later. */
const parts = Object.entries(JSON.parse(readFileSync('hostParts.json', 'utf8')) as Record<string, { folder: string }>)

/** The files that a built file loads, at once or later: those beside it, by name. */
function loaded(name: string): string[] {
  return [...readFileSync(join('dist', name), 'utf8').matchAll(/(?:require\(|import\(|from ?)"\.\/([\w-]+\.js)"/g)].map(([, file]) => file!)
}

test('every file that host and page load, at once or later, is among those that are packed', () => {
  const packed = readFileSync('.vscodeignore', 'utf8').split('\n').filter((line) => line.startsWith('!dist/')).map((line) => line.slice('!dist/'.length))
  const needed = new Set(['extension.js', 'webview.js'])
  for (const file of needed) for (const other of loaded(file)) needed.add(other)
  console.log(`host and page load ${[...needed].sort().join(', ')}`)
  for (const later of [...parts.map(([name]) => `${name}.js`), 'webview-planner.js', 'webview-webm.js']) assert.ok(needed.has(later), `${later} is loaded by nothing`)
  assert.deepEqual([...needed].filter((file) => !packed.includes(file)), [])
})

test('every folder with a late.ts is a part that the host loads later, and is in no other', () => {
  const folders = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => basename(name) === 'late.ts').map((name) => join('src', dirname(name)))
  assert.deepEqual(parts.map(([, { folder }]) => join(folder)).sort(), folders.sort())
  for (const [name, { folder }] of parts) {
    const holding = ['extension', ...parts.map(([other]) => other)].filter((other) => readFileSync(`dist/${other}.js`, 'utf8').includes(`// ${folder}/late.ts`))
    assert.deepEqual(holding, [name], folder)
  }
})

test('dist/extension.js has nothing of the commands that ask first and of Engine Info: it requires dist/dialogs.js, which has them', () => {
  const [host, later] = ['dist/extension.js', 'dist/dialogs.js'].map((file) => readFileSync(file, 'utf8')) as [string, string]
  for (const part of ['// src/views/dialogs/estimateVariance.ts', '// src/views/dialogs/cudaRuntime.ts', '// src/views/dialogs/imageRuns.ts', '// src/views/dialogs/providerPicker.ts', '// src/run/engineInfoText.ts']) {
    assert.ok(!host.includes(part), `${part} is in the host’s file`)
    assert.ok(later.includes(part), `${part} is not in the later one`)
  }
})
