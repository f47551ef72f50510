// npm run check:gpu [-- --out FILE]: what every execution provider of this platform's ONNX Runtime does on this machine, as a table and as a file for an issue.
// Exits 1 where one that opens computes wrongly or does not carry its runs out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { bundledNames } from '../src/recipe/bundled'
import { compare, comparedInWords, type Compared, type Refused } from './providers/compare'
import { contestants, engineFor, root } from './providers/contestants'
import { endure, enduredInWords, wholeRun, type Endured } from './providers/endure'
import { machine } from './providers/machine'
import { judge } from './providers/verdict'

async function main(): Promise<void> {
  const at = process.argv.indexOf('--out')
  const file = resolve(at === -1 ? join(root, 'artifacts/check-gpu.json') : process.argv[at + 1] ?? '')
  const tell = (text: string): void => { process.stderr.write(text) }
  const { build, all } = await contestants()
  const compared: Compared[] = []
  const refused: Refused[] = []
  for (const model of bundledNames) {
    const result = await compare(model, [1, 4], all, tell)
    compared.push(...result.compared)
    refused.push(...result.refused)
  }
  const opened = all.filter(({ name }) => compared.some((one) => one.name === name))
  const endured: Endured[] = []
  const reference = await cpuImage()
  for (const contestant of opened) {
    tell(`runs and a kill on ${contestant.name} …\n`)
    endured.push(await endure(contestant, reference))
  }
  const of = <T extends { name: string }>(list: readonly T[], name: string): T[] => list.filter((one) => one.name === name)
  const verdicts = all.map(({ name }) => ({ name, ...judge(of(compared, name), of(refused, name), of(endured, name)[0]) }))
  const here = machine()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ date: new Date().toISOString(), version: build.version, onnxruntime: build.onnxruntime, backends: build.backends, machine: here, verdicts, compared, refused, endured }, null, 2))
  process.stdout.write([
    `${here.platform}-${here.arch} ${here.release}, Node ${here.node}, ONNX Runtime ${build.onnxruntime}, ${here.cores} × ${here.cpu}, graphics: ${here.graphics.join('; ') || 'none named by the system'}\n`,
    comparedInWords(compared, refused), enduredInWords(endured), verdicts.map(({ name, wrong, words }) => `${name}: ${wrong ? 'WRONG: ' : ''}${words}\n`).join(''),
  ].join('\n'))
  process.stdout.write(`\n${file} has all of it: attach it to an issue.\n`)
  if (verdicts.some(({ wrong }) => wrong)) process.exitCode = 1
}

async function cpuImage(): Promise<Float32Array> {
  const client = engineFor()
  const scratch = mkdtempSync(join(tmpdir(), 'dpm-check-'))
  try { return await wholeRun(client, scratch) } finally {
    await client.dispose()
    rmSync(scratch, { recursive: true, force: true })
  }
}

main().catch((error: unknown) => { console.error(error); process.exitCode = 1 })
