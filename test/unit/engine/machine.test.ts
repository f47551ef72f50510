import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { machineKey, webgpuAdapter, type Surroundings } from '../../../src/engine/machine'
import { newFolder } from './testModels'

const manifest = (library: string): string => JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.4.0' } })
const [lavapipe, radeon, nvidia] = ['/usr/share/vulkan/icd.d/lvp_icd.json', '/usr/share/vulkan/icd.d/radeon_icd.json', '/etc/vulkan/icd.d/nvidia_icd.json']
const library: Record<string, string> = { [lavapipe]: 'libvulkan_lvp.so', [radeon]: '/usr/lib/libvulkan_radeon.so', [nvidia]: 'libGLX_nvidia.so.0' }

/** A Linux machine with these driver manifests, devices, and kernel drivers of render nodes. */
function linux({ drivers = [] as string[], devices = [] as string[], kernel = {}, env = {} } = {}): Surroundings {
  const root = newFolder()
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(root + file), { recursive: true })
    writeFileSync(root + file, text)
  }
  for (const file of drivers) write(file, manifest(library[file] ?? file))
  for (const device of devices) write(device, '')
  for (const [node, driver] of Object.entries(kernel)) {
    mkdirSync(join(root, 'sys/class/drm', node, 'device'), { recursive: true })
    symlinkSync(`../../../../bus/pci/drivers/${driver}`, join(root, 'sys/class/drm', node, 'device/driver'))
  }
  return { platform: 'linux', env: { HOME: '/home/somebody', ...env }, root }
}

test('a software Vulkan driver is told from a GPU by the devices there are', () => {
  const gpu = '/dev/dri/renderD128'
  const cases: [what: string, at: Surroundings, kind: string][] = [
    ['nothing installed', linux(), 'none'],
    ['lavapipe alone', linux({ drivers: [lavapipe] }), 'software'],
    ['Mesa with all its drivers on a machine without a GPU', linux({ drivers: [lavapipe, radeon] }), 'software'],
    ['the same with a GPU', linux({ drivers: [lavapipe, radeon], devices: [gpu], kernel: { renderD128: 'amdgpu' } }), 'hardware'],
    ['a GPU whose kernel driver is not known', linux({ drivers: [radeon], devices: [gpu] }), 'hardware'],
    ['a virtual display', linux({ drivers: [lavapipe, radeon], devices: [gpu], kernel: { renderD128: 'vgem' } }), 'software'],
    ['a GPU, and the software driver alone', linux({ drivers: [lavapipe], devices: [gpu], kernel: { renderD128: 'i915' } }), 'software'],
    ['NVIDIA’s driver in a container', linux({ drivers: [nvidia], devices: ['/dev/nvidia0', '/dev/nvidiactl'] }), 'hardware'],
    ['Windows below Linux', linux({ drivers: [lavapipe, radeon], devices: ['/dev/dxg'] }), 'hardware'],
    ['a driver without its device', linux({ drivers: [radeon] }), 'none'],
    ['a driver named by the environment alone', linux({ drivers: [lavapipe, radeon], devices: [gpu], env: { VK_DRIVER_FILES: lavapipe } }), 'software'],
    ['… by its older name', linux({ drivers: [lavapipe, radeon], devices: [gpu], env: { VK_ICD_FILENAMES: lavapipe } }), 'software'],
    ['… beside the others', linux({ drivers: [radeon, '/opt/vk_swiftshader.json'], env: { VK_ADD_DRIVER_FILES: '/opt/vk_swiftshader.json' } }), 'software'],
    ['the user’s own', linux({ drivers: ['/home/somebody/.local/share/vulkan/icd.d/vk_swiftshader_icd.json'] }), 'software'],
    ['another system', { platform: 'win32', env: {}, root: newFolder() }, 'unknown'],
  ]
  for (const [what, at, kind] of cases) {
    const found = webgpuAdapter(at)
    assert.equal(found.kind, kind, `${what}: ${found.how}`)
    assert.ok(found.how.length > 10)
  }
})

test('a device that may not be opened is none', () => {
  const at = linux({ drivers: [lavapipe, radeon], devices: ['/dev/dri/renderD128'] })
  chmodSync(`${at.root}/dev/dri/renderD128`, 0)
  // The superuser may open everything.
  assert.equal(webgpuAdapter(at).kind, process.getuid?.() === 0 ? 'hardware' : 'software')
})

test('the machine is another one when a driver, a device, the environment or ONNX Runtime is', () => {
  const at = linux({ drivers: [lavapipe] })
  const key = machineKey('1.30.0', [], at)
  assert.match(key, /^[0-9a-f]{16}$/)
  assert.equal(machineKey('1.30.0', [], at), key)
  const others = [
    machineKey('1.31.0', [], at), machineKey('1.30.0', [`${lavapipe}`], at), machineKey('1.30.0', [], linux({ drivers: [lavapipe, radeon] })), machineKey('1.30.0', [], linux({ drivers: [lavapipe], devices: ['/dev/nvidia0'] })),
    ...[{ VK_DRIVER_FILES: lavapipe }, { CUDA_VISIBLE_DEVICES: '1' }, { LD_LIBRARY_PATH: '/opt' }].map((env) => machineKey('1.30.0', [], { ...at, env: { ...at.env, ...env } })),
  ]
  utimesSync(at.root + lavapipe, 1, 1)
  others.push(machineKey('1.30.0', [], at))
  assert.equal(new Set([key, ...others]).size, others.length + 1)
  assert.equal(machineKey('1.30.0', [], { ...at, env: { ...at.env, PATH: '/elsewhere' } }), others.at(-1))
})
