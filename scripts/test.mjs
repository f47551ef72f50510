// Runs the test suites and closes with one line over all of them: N passed, N failed.
//   node scripts/test.mjs [unit] [webview] [host] [ui] [PART-OF-A-FILE-NAME…]      no suite named: all of them
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { softwareGpu } from '../test/mesa/paths.mjs'
import { serverRunsHere } from '../test/vscode-host/setup.mjs'

process.chdir(join(import.meta.dirname, '..'))
const suites = {
  unit: () => nodeTests(testFiles('dist/test/unit'), 2),
  webview: () => nodeTests([...testFiles('dist/test/webview'), ...testFiles('test/webview')], 1),
  host: hostTests,
  ui: () => nodeTests(testFiles('test/ui'), 1),
}
const words = process.argv.slice(2)
const named = Object.keys(suites).filter((name) => words.includes(name))
const parts = words.filter((word) => !(word in suites))

/** Ended from outside: the suites' processes are ended too, and they end their servers and browsers. */
const ended = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => { ended.abort(); setTimeout(() => process.exit(1), 5_000) })

/** What some files of tests need, by the beginning of their names, where it is not to be had here. */
const lacking = [
  ...softwareGpu() === undefined ? [['webgpu.', 'the software GPU that test/mesa/setup.mjs gets on Linux x64']] : [],
  ...process.platform === 'linux' ? [] : [['faultsProcess.', 'the signals of Linux'], ['faultsFiles.', '/dev/full and /proc, which Linux has']],
]
function testFiles(folder) {
  const files = (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
    .filter((name) => /\.test\.m?js$/.test(name) && (parts.length === 0 || parts.some((part) => name.includes(part))))
  const left = files.filter((name) => {
    const [, what] = lacking.find(([begin]) => basename(name).startsWith(begin)) ?? []
    if (what !== undefined) console.log(`${name} needs ${what}: left out.`)
    return what !== undefined
  })
  return files.filter((name) => !left.includes(name)).map((name) => resolve(folder, name)).sort()
}

/** @returns {Promise<{passed: number, failed: number}>} leaf tests; a file that crashed or holds no test is one failure. */
async function nodeTests(files, concurrency) {
  const result = { passed: 0, failed: 0, failures: [] }
  if (files.length === 0) return result
  const stream = run({ files, concurrency, timeout: 3_600_000, signal: ended.signal })
  const count = (passed) => ({ name, file, details }) => {
    if (details.type === 'suite') return
    const isFile = file !== undefined && basename(name) === basename(file) // the file as a whole, told of only where nothing in it was
    if (isFile && passed) console.error(`${file} holds no test.`)
    result[passed && !isFile ? 'passed' : 'failed']++
    if (!passed) result.failures.push(`${file === undefined ? '' : `${basename(file)}: `}${isFile ? 'crashed' : name}: ${told(details.error?.cause ?? details.error)}`)
  }
  stream.on('test:pass', count(true))
  stream.on('test:fail', count(false))
  for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk)
  return result
}

const told = (error) => String(error?.stack ?? error?.message ?? error)

/** The mocha suite inside VS Code; its counts come through a file, and where there is none it crashed. */
async function hostTests() {
  const file = resolve('artifacts/host.json')
  mkdirSync('artifacts', { recursive: true })
  rmSync(file, { force: true })
  const child = spawn(process.execPath, ['test/run-electron.mjs'], { stdio: 'inherit', env: { ...process.env, TEST_RESULTS_FILE: file, TEST_FILES: parts.join(',') } })
  ended.signal.addEventListener('abort', () => child.kill('SIGINT')) // which @vscode/test-electron passes on
  const [status] = await once(child, 'exit')
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 1 }
  return status !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result
}

const total = { passed: 0, failed: 0, failures: [] }
for (const name of named.length > 0 ? named : Object.keys(suites)) {
  if (ended.signal.aborted) break
  if (name === 'ui' && !serverRunsHere) { console.log('The ui suite needs the VS Code server, which runs on Linux x64 only: left out.'); continue }
  console.log(`\n── ${name}`)
  const began = performance.now()
  const result = await suites[name]().catch((error) => { console.error(error); return { passed: 0, failed: 1 } })
  if (result.passed + result.failed === 0) { console.error(`The ${name} suite found no test.`); result.failed = 1 }
  console.log(`── ${name}: ${result.passed} tests passed and ${result.failed} failed in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  total.passed += result.passed
  total.failed += result.failed
  total.failures.push(...(result.failures ?? []).map((failure) => `${name}: ${failure}`))
}
// Once more where the end of a long log is all that somebody sees.
for (const failure of total.failures) console.log(`** failed  ${failure.split('\n').map((line) => line.trim()).filter(Boolean).slice(0, 8).join(' | ').slice(0, 800)}`)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 ? 1 : 0)
