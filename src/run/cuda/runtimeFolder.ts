import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { providerFiles } from './providerFiles'

const binaries = join('bin', 'napi-v6', 'linux', 'x64')
const prefix = 'runtime-'
const draftPrefix = 'draft-'
/** One that no window has started an engine from for so long is removed. */
const staleMs = 7 * 24 * 3600_000

/**
 * Makes a folder from which an engine loads ONNX Runtime with provider libraries, and returns it. ONNX Runtime looks for these beside the libonnxruntime.so.1 that it is itself, by the
 * path it was loaded under, so the libraries need not be copied: all are links but onnxruntime-node's own small files, which Node.js would follow links of.
 * Made once for each pair of `onnxRuntime` (the folder of onnxruntime-node) and `libraries`, also where two windows make it at once.
 */
export async function runtimeFolder(storage: string, onnxRuntime: string, libraries: string): Promise<string> {
  const files = providerFiles.filter((name) => existsSync(join(libraries, name)))
  const stamps = await Promise.all([join(onnxRuntime, 'package.json'), ...files.map((name) => join(libraries, name))].map(async (path) => [path, (await stat(path)).mtimeMs]))
  const folder = join(storage, `${prefix}${createHash('sha256').update(JSON.stringify(stamps)).digest('hex').slice(0, 16)}`)
  if (!existsSync(folder)) {
    await mkdir(storage, { recursive: true })
    const draft = await mkdtemp(join(storage, draftPrefix))
    try {
      await fill(draft, onnxRuntime, libraries, files)
      await rename(draft, folder)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      if (!existsSync(folder)) throw error // else another window was faster
    }
  }
  await utimes(folder, new Date(), new Date())
  await removeStale(storage, folder).catch(() => {}) // another window may be at it
  return folder
}

async function fill(draft: string, onnxRuntime: string, libraries: string, files: readonly string[]): Promise<void> {
  const modules = join(draft, 'node_modules')
  const bin = join(modules, 'onnxruntime-node', binaries)
  await mkdir(bin, { recursive: true })
  for (const part of ['package.json', 'dist', join(binaries, 'onnxruntime_binding.node')]) await cp(join(onnxRuntime, part), join(modules, 'onnxruntime-node', part), { recursive: true })
  await symlink(join(onnxRuntime, binaries, 'libonnxruntime.so.1'), join(bin, 'libonnxruntime.so.1'))
  for (const name of files) await symlink(join(libraries, name), join(bin, name))
  await symlink(join(dirname(onnxRuntime), 'onnxruntime-common'), join(modules, 'onnxruntime-common'))
}

async function removeStale(storage: string, used: string): Promise<void> {
  for (const name of await readdir(storage)) {
    const folder = join(storage, name)
    if ((name.startsWith(prefix) || name.startsWith(draftPrefix)) && folder !== used && Date.now() - (await stat(folder)).mtimeMs > staleMs) await rm(folder, { recursive: true, force: true })
  }
}
