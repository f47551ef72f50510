// Opens VS Code with the extension from this folder: npm start [-- FOLDER]
// The desktop one where `code` is on PATH; else the test server, whose address it prints and which runs until Ctrl+C.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { startServer, workbenchUrl } from '../test/vscode-host/host.mjs'
import { installServer, serverRunsHere } from '../test/vscode-host/setup.mjs'

const root = join(import.meta.dirname, '..')
const folder = resolve(process.argv[2] ?? join(root, 'samples')) // a folder of its own: "Save as Defaults" writes into it
mkdirSync(folder, { recursive: true })

const names = process.platform === 'win32' ? ['code.cmd', 'code.exe'] : ['code']
const code = (process.env.PATH ?? '').split(delimiter).flatMap((path) => names.map((name) => join(path, name))).find((path) => existsSync(path))
if (code) {
  spawn(`"${code}"`, [`--extensionDevelopmentPath="${root}"`, `"${folder}"`], { stdio: 'inherit', shell: true }).on('exit', (status) => process.exit(status ?? 1))
} else if (serverRunsHere) {
  installServer()
  const server = await startServer()
  console.log(`VS Code with DPM-Solver: ${workbenchUrl(server, { folder, extensionDevelopmentPath: root })}`)
  console.log('Open the address, then press F1 and choose “DPM-Solver: Generate Sample”. Ctrl+C ends it.')
} else {
  console.error('There is no “code” on PATH: install Visual Studio Code and its command line tool (“Shell Command: Install code command in PATH”).')
  process.exit(1)
}
