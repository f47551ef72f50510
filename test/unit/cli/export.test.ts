import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { run, workFolder } from './run'

suite('dpm-solver export', () => {
  test('a form that only VS Code can make is told in a sentence, with others', async () => {
    const folder = workFolder()
    const { code, stdout, stderr } = await run(['export', '--run', folder, '--as', 'webm', '--out', 'run.webm'], folder)
    assert.notEqual(code, 0)
    assert.equal(stdout, '')
    assert.match(stderr, /WebM is encoded by the preview page, in VS Code\.\nUse --as apng or --as gif, or export there\./)
    assert.ok(!existsSync(join(folder, 'run.webm')))
  })
})
