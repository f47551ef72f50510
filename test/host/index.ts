// The entry that both a desktop VS Code and the server's extension host load as extensionTestsPath.
import * as fs from 'node:fs'
import * as path from 'node:path'
import Mocha from 'mocha'

/** Runs every *.test.js beside this file in mocha's tdd style; rejects where a test failed. Counts, and what failed, go to TEST_RESULTS_FILE. */
export function run(): Promise<void> {
  const { TEST_RESULTS_FILE: resultsFile, TEST_FILES: wanted } = process.env
  const parts = wanted ? wanted.split(',') : ['']
  const mocha = new Mocha({ ui: 'tdd', timeout: 120_000, color: false })
  for (const name of fs.readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.test.js') && parts.some((part) => name.includes(part))) mocha.addFile(path.join(__dirname, name))
  }
  return new Promise((resolve, reject) => {
    console.log('=== suite starts ===')
    let passed = 0
    const failures: string[] = []
    const runner = mocha.run((failed) => {
      if (resultsFile) fs.writeFileSync(resultsFile, JSON.stringify({ passed, failed, failures }))
      console.log('=== suite ends ===')
      if (failed > 0) reject(new Error(`${failed} tests failed.`))
      else resolve()
    })
    runner.on('pass', () => { passed++ })
    runner.on('fail', (test, error: Error) => { failures.push(`${test.fullTitle()}: ${error.stack ?? error.message}`) })
  })
}
