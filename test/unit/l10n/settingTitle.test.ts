import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { settingTitle } from '../../../src/recipe/settingTitle'
import { settingKeys } from '../manifestFile'

const keys = settingKeys()
const sources = ['src', 'webview'].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name)))

test('a setting is called as the Settings editor calls it', () => {
  const titles: Record<string, string> = {
    'record.keep': 'Record: Keep', 'record.maxDiskMB': 'Record: Max Disk MB', 'engine.deviceId': 'Engine: Device ID', 'engine.nodePath': 'Engine: Node Path', 'schedule.zeroTerminalSnr': 'Schedule: Zero Terminal Snr', 'batchSize': 'Batch Size',
  }
  for (const [key, title] of Object.entries(titles)) {
    assert.ok(keys.includes(key), key)
    assert.equal(settingTitle(key), title)
  }
  assert.equal(new Set(keys.map(settingTitle)).size, keys.length)
})

test('no sentence that a user reads has the id of a setting in it, and each that names one by its title names one that there is', () => {
  const texts = Object.keys(JSON.parse(readFileSync('l10n/bundle.l10n.json', 'utf8')) as Record<string, string>)
  assert.ok(texts.length > 500)
  assert.deepEqual(texts.filter((text) => /dpmSolver\./.test(text) || keys.some((key) => /^(engine|record|output|preview|log)\./.test(key) && text.includes(key))), [])
  const named = sources.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/settingTitle\('([^']+)'\)/g)].map(([, key]) => key!))
  assert.ok(named.length >= 7, named.join(', '))
  assert.deepEqual(named.filter((key) => !keys.includes(key)), [])
})
