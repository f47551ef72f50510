// Packs one VSIX for one platform: npm run package [-- --target linux-x64]
// The production bundles, both models, and of ONNX Runtime only that platform's binary. All targets can be packed on any machine.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

process.chdir(join(import.meta.dirname, '..'))
/** Folder of each target's binary inside onnxruntime-node/bin/napi-v6. */
const binaries = { 'linux-x64': 'linux/x64', 'linux-arm64': 'linux/arm64', 'darwin-arm64': 'darwin/arm64', 'win32-x64': 'win32/x64', 'win32-arm64': 'win32/arm64' }
/** Largest VSIX, in bytes. */
const budget = 45_000_000

const at = process.argv.indexOf('--target')
const target = at < 0 ? 'linux-x64' : process.argv[at + 1]
if (!(target in binaries)) fail(`There is no target ${target}: choose one of ${Object.keys(binaries).join(', ')}.`)

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const vsix = `dpm-solver-${target}-${version}.vsix`
mkdirSync('artifacts', { recursive: true })
// The Mac binary is in the package twice; its binding loads the one without the version in its name.
writeFileSync('artifacts/vscodeignore', `${readFileSync('.vscodeignore', 'utf8')}!node_modules/onnxruntime-node/bin/napi-v6/${binaries[target]}/!(libonnxruntime.*.*.*.dylib)\n`)
// VS Code shows a README's pictures and follows its links at https addresses only: the page inside the VSIX goes without the others.
writeFileSync('artifacts/README.md', readFileSync('README.md', 'utf8').replace(/^!\[.*\n\n?/gm, '').replace(/\[([^\]]*)\]\((?!https:|#)[^)]*\)/g, '$1'))

const { status } = spawnSync(process.execPath, ['node_modules/@vscode/vsce/vsce', 'package', '--target', target, '--out', vsix, '--ignoreFile', 'artifacts/vscodeignore',
  '--readme-path', 'artifacts/README.md', '--no-rewrite-relative-links', '--allow-missing-repository'], { stdio: ['ignore', 2, 2] })
if (status !== 0) fail('vsce could not pack the extension; see above.')
const { size } = statSync(vsix)
if (size > budget) fail(`${vsix} has ${(size / 1e6).toFixed(1)} MB, more than ${budget / 1e6}.`)
console.log(`${vsix}  ${(size / 1e6).toFixed(1)} MB`)

function fail(message) {
  console.error(message)
  process.exit(1)
}
