// Generates through the real Triton Inference Server, with the command line as a user has it: equal to the run here, overloaded, slow, cut, killed and started again.
//   node test/peers/triton/check.mjs PYTHON      the Python of an environment with requirements.txt
// Closes with one line: N passed, N failed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const root = resolve(import.meta.dirname, '../../..')
const python = process.argv[2] ?? 'python3'
const work = mkdtempSync(join(tmpdir(), 'dpm-triton-check-'))
/** Triton has another version of ONNX Runtime, which may add in another order. */
const tolerance = 1e-4
let [passed, failed] = [0, 0]

/** Starts the server and resolves when it is ready. Its port is free when it is chosen; should another program be faster, it is started again. */
async function serve(...options) {
  for (let tries = 1; ; tries++) {
    try { return await serveOnce(options) } catch (error) {
      if (tries === 3 || !/address already in use|failed to (bind|listen)|cannot assign/i.test(error.message)) throw error
    }
  }
}

async function serveOnce(options) {
  const child = spawn(python, [join(import.meta.dirname, 'serve.py'), join(root, 'media/models'), ...options], { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => { said = (said + text).slice(-4000) })
  const exited = new Promise((done) => child.once('exit', done))
  const ready = new Promise((found) => createInterface({ input: child.stdout }).on('line', (line) => { const [, url, pid] = line.split(' '); found({ url, pid: Number(pid) }) }))
  const started = await Promise.race([ready, exited.then(() => { throw new Error(`Triton did not start: ${said}`) })])
  return { ...started, stop: () => { child.stdin.end(); return exited }, kill: () => { process.kill(-started.pid, 'SIGKILL'); return exited } }
}

let runs = 0
/** Starts `dpm-solver sample`; `at` is called with the number of evaluations as they are done. */
function sample(options, at = () => {}) {
  const out = join(work, String(++runs))
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'sample', '--provider', 'cpu', '--out', out, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => { stdout += text })
  child.stderr.on('data', (text) => {
    stderr += text
    const done = [...stderr.matchAll(/(\d+)\/\d+ evaluations/g)].at(-1)
    if (done) at(Number(done[1]), child)
  })
  return new Promise((ended) => child.once('close', (code) => { ended({ code, stdout, stderr }) }))
}

/** The object of --json, and all states of the run. */
async function states(options) {
  const { code, stdout, stderr } = await sample([...options, '--json'])
  if (code !== 0) throw new Error(stdout + stderr)
  const answer = JSON.parse(stdout)
  const bytes = readFileSync(join(answer.runFolder, 'states.f32'))
  return { answer, values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)) }
}

/** Whether every state of a run through the server is that of the run here. */
async function equal(options, url) {
  const [here, there] = [await states(options), await states([...options, '--server', url])]
  if (there.answer.provider !== 'server' || there.answer.server.name !== 'triton') throw new Error(`evaluated by ${JSON.stringify(there.answer.server)}`)
  const gap = here.values.reduce((most, value, i) => Math.max(most, Math.abs(value - there.values[i])), here.values.length === there.values.length ? 0 : Infinity)
  if (!(gap <= tolerance)) throw new Error(`the largest difference is ${gap}`)
  return `${here.values.length} values, largest difference ${gap}; ${here.answer.ms.toFixed(0)} ms here, ${there.answer.ms.toFixed(0)} ms through Triton ${there.answer.server.version}`
}

async function check(name, action) {
  try {
    console.log(`ok  ${name}: ${await action()}`)
    passed++
  } catch (error) {
    console.log(`FAILED  ${name}: ${error.message}`)
    failed++
  }
}

function expect({ code, stderr }, exit, pattern) {
  if (code !== exit || !pattern.test(stderr)) throw new Error(`exit code ${code}: ${stderr}`)
  return stderr.split('\n').filter((line) => line !== '' && !/^\d+\/\d+ evaluations/.test(line)).join(' ')
}

/** Passes a server on, at a port that stays while the server is another; cuts the connection when so many bytes of answers went through. */
async function relayed(url, bytes = Infinity) {
  let left = bytes
  const target = { url }
  const relay = createServer((socket) => {
    const { hostname, port } = new URL(target.url)
    const server = connect(Number(port), hostname)
    socket.on('error', () => {}).pipe(server.on('error', () => {}))
    server.on('data', (part) => {
      socket.write(part.subarray(0, Math.max(0, left)))
      left -= part.length
      if (left <= 0) { socket.end(); server.destroy() }
    })
    server.on('close', () => { socket.end() })
    socket.on('close', () => { server.destroy() })
  })
  await new Promise((listening) => relay.listen(0, '127.0.0.1', listening))
  return { url: `http://127.0.0.1:${relay.address().port}`, to: (other) => { target.url = other }, close: () => relay.close() }
}

const digits = ['--model', 'digits', '--seed', '5', '--steps', '10']
const many = ['--batch', '11', '--guidance', '2', '--class-label', '0,1,2']
try {
  const plain = await serve()
  await check('digits through Triton', () => equal([...digits, ...many], plain.url))
  await check('emoji through Triton', () => equal(['--model', 'emoji', '--seed', '5', '--steps', '10', '--batch', '2'], plain.url))
  await check('an answer that is cut', async () => {
    const relay = await relayed(plain.url, 20_000)
    const ended = await sample([...digits, '--server', relay.url])
    relay.close()
    return expect(ended, 1, /cut its answer short|closed the connection/)
  })
  await plain.stop()

  const batched = await serve('--max-batch', '4')
  await check('a batch above max_batch_size', () => equal([...digits, ...many], batched.url))
  await batched.stop()

  const full = await serve('--max-batch', '4', '--queue-size', '1', '--delay', '0.05')
  await check('overloaded', async () => {
    const { inputs } = await (await fetch(`${full.url}/v2/models/digits`)).json()
    const body = JSON.stringify({ inputs: inputs.map(({ name, datatype, shape: [, ...rest] }) => ({ name, datatype, shape: [1, ...rest], data: Array(rest.reduce((product, n) => product * n, 1)).fill(0) })) })
    const answers = await Promise.all(Array.from({ length: 6 }, () => fetch(`${full.url}/v2/models/digits/infer`, { method: 'POST', body }).then(({ status }) => status)))
    if (!answers.includes(503)) throw new Error(`it takes all: ${answers}`)
    return `of six at once ${answers.join(', ')}; ${await equal([...digits.slice(0, -1), '3', ...many], full.url)}`
  })
  await full.stop()

  const slow = await serve('--delay', '0.2')
  await check('slow, and stopped', async () => {
    const ended = await sample([...digits.slice(0, -1), '100', '--server', slow.url], (done, child) => { if (done >= 3 && !child.killed) child.kill('SIGINT') })
    if (!/stopped/.test(ended.stdout)) throw new Error(ended.stdout + ended.stderr)
    return ended.stdout.split('\n').find((line) => line.startsWith('NFE'))
  })
  const relay = await relayed(slow.url)
  let again
  await check('killed in a run and started again', async () => {
    let killed
    const ended = await sample([...digits.slice(0, -1), '100', '--server', relay.url], (done) => { if (done >= 3) killed ??= slow.kill() })
    await killed
    const words = expect(ended, 1, /cannot be reached|closed the connection|cut its answer short/)
    again = await serve()
    relay.to(again.url)
    return `${words} Then ${await equal(digits, relay.url)}`
  })
  await again?.stop()
  relay.close()
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
