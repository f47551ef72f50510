// Runs a suite through @vscode/test-electron (the mocha suite, or the module given as argument): in the real VS Code server (default on Linux x64), or in a desktop VS Code
// (default elsewhere, or VSCODE_TEST_TARGET=desktop), which @vscode/test-electron downloads.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runTests } from '@vscode/test-electron'
import { serverRunsHere, setup } from './vscode-host/setup.mjs'

const root = join(import.meta.dirname, '..')
const desktop = process.env.VSCODE_TEST_TARGET === 'desktop' || !serverRunsHere
const workspace = mkdtempSync(join(tmpdir(), 'dpm-workspace-'))
mkdirSync(join(root, 'artifacts'), { recursive: true })
mkdirSync(join(workspace, '.vscode'))
writeFileSync(join(workspace, '.vscode/settings.json'), '{ "dpmSolver.engine.provider": "cpu" }\n') // so that figures and pixels are the same on every machine
try {
  if (!desktop) setup()
  await runTests({
    ...(desktop ? {} : { vscodeExecutablePath: join(import.meta.dirname, 'vscode-host/code') }),
    extensionDevelopmentPath: root,
    extensionTestsPath: resolve(process.argv[2] ?? join(root, 'dist/test/host/index.js')),
    launchArgs: [workspace],
    // What the suite reads: where its counts go, and which files of it to run.
    extensionTestsEnv: { TEST_RESULTS_FILE: process.env.TEST_RESULTS_FILE ?? join(root, 'artifacts/host.json'), TEST_FILES: process.env.TEST_FILES ?? '' },
  })
} catch (error) {
  console.error(String(error))
  process.exitCode = 1
} finally {
  rmSync(workspace, { recursive: true, force: true })
}
