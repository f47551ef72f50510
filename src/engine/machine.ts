import { createHash } from 'node:crypto'
import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import type { AdapterFacts } from '../protocol/engineInfo'
import { t } from '../sampler/text'

// ONNX Runtime has WebGPU choose the adapter and does not say which one it took. On Linux, where WebGPU is Vulkan, the drivers and the devices they drive are in the file system.

/** What is looked at, so that a test can show another machine. */
export interface Surroundings { platform: NodeJS.Platform; env: NodeJS.ProcessEnv; /** Put before every absolute path. */ root: string }

const here: Surroundings = { platform: process.platform, env: process.env, root: '' }

/** Vulkan drivers that compute on the processor, by their library's name. */
const softwareDriver = /lvp|lavapipe|llvmpipe|swiftshader|softpipe/i
/** Kernel drivers of displays that have no Vulkan driver: those of virtual machines and of servers’ consoles. */
const displayOnly = new Set(['vgem', 'vkms', 'bochs-drm', 'simpledrm', 'simple-framebuffer', 'ast', 'mgag200', 'cirrus', 'cirrus-qemu', 'qxl', 'hyperv_drm', 'vmwgfx', 'vboxvideo', 'udl', 'gud', 'evdi'])

interface VulkanDriver { manifest: string; library: string; software: boolean }

/**
 * Whether the adapter that WebGPU would take is a GPU or a program (lavapipe, SwiftShader). On Linux only: a driver of hardware counts where a device is there that it could drive and that
 * this process may open; Vulkan offers no other. Elsewhere the answer is `unknown`: Metal has no software adapter, and of WARP the time that it takes tells.
 */
export function webgpuAdapter(at: Surroundings = here): AdapterFacts {
  if (at.platform !== 'linux') return { kind: 'unknown', how: t('this system does not tell') }
  const drivers = vulkanDrivers(at)
  if (drivers.length === 0) return { kind: 'none', how: t('no Vulkan driver is installed') }
  const devices = gpuDevices(at)
  const hardware = drivers.find(({ software }) => !software)
  if (hardware && devices.length > 0) return { kind: 'hardware', how: t('{0}, Vulkan driver {1}', devices.join(', '), hardware.library) }
  const software = drivers.find((driver) => driver.software)
  if (!software) return { kind: 'none', how: t('there are Vulkan drivers, and no device that they could drive') }
  const { library, manifest } = software
  return { kind: 'software', how: hardware ? t('the Vulkan driver is {0} ({1}), and no device that another one could drive', library, manifest) : t('the Vulkan driver is {0} ({1})', library, manifest) }
}

/** Changes when a driver, a device, what the environment says of them, or the language that is remembered in does; `libraries` are files that matter beside them. 16 hexadecimal digits. */
export function machineKey(onnxruntime: string, libraries: readonly string[] = [], at: Surroundings = here): string {
  const said = Object.entries(at.env).filter(([name]) => /^(DPM_MESSAGES$|VK_|CUDA_|NVIDIA_|DRI_PRIME|MESA_|LIBGL_|LD_LIBRARY_PATH|ORT_|GALLIUM)/.test(name)).sort()
  const drivers = vulkanDrivers(at).map(({ manifest, library }) => [manifest, stamp(at, manifest), library, isAbsolute(library) ? stamp(at, library) : ''])
  const facts = [onnxruntime, at.platform, process.arch, at.root === '' ? process.version : '', said, drivers, gpuDevices(at), text(at, '/proc/driver/nvidia/version'), libraries.map((file) => [file, stamp(at, file)])]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)
}

/** The manifests in the order in which the Vulkan loader reads them, https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md. */
function vulkanDrivers(at: Surroundings): VulkanDriver[] {
  if (at.platform !== 'linux') return []
  const { env } = at
  const listed = (variable: string | undefined): string[] => variable?.split(delimiter).filter(Boolean) ?? []
  const only = listed(env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'])
  const home = env['HOME'] ?? ''
  const folders = [
    env['XDG_CONFIG_HOME'] ?? join(home, '.config'), ...listed(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg'), '/etc',
    env['XDG_DATA_HOME'] ?? join(home, '.local/share'), ...listed(env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share'),
  ].map((folder) => join(folder, 'vulkan/icd.d'))
  const places = only.length > 0 ? only : [...listed(env['VK_ADD_DRIVER_FILES']), ...folders]
  return places.flatMap((place) => place.endsWith('.json') ? [place] : names(at, place).filter((name) => name.endsWith('.json')).sort().map((name) => join(place, name))).flatMap((manifest) => {
    try {
      const { ICD } = JSON.parse(text(at, manifest)) as { ICD?: { library_path?: unknown } }
      if (typeof ICD?.library_path !== 'string') return []
      const library = ICD.library_path
      return [{ manifest, library: library.startsWith('.') ? join(dirname(manifest), library) : library, software: softwareDriver.test(library) }]
    } catch { return [] } // what is no manifest is none to the loader either
  })
}

/** Devices that a Vulkan driver could drive and that may be opened, with the kernel’s driver. */
function gpuDevices(at: Surroundings): string[] {
  const render = names(at, '/dev/dri').filter((name) => name.startsWith('renderD')).flatMap((name) => {
    const driver = link(at, `/sys/class/drm/${name}/device/driver`)?.split('/').at(-1) ?? ''
    return mayOpen(at, `/dev/dri/${name}`) && !displayOnly.has(driver) ? [`/dev/dri/${name}${driver ? ` (${driver})` : ''}`] : []
  })
  const others = [...names(at, '/dev').filter((name) => /^nvidia\d+$/.test(name)), 'dxg'].map((name) => `/dev/${name}`).filter((device) => mayOpen(at, device))
  return [...render, ...others].sort()
}

function names({ root }: Surroundings, folder: string): string[] {
  try { return readdirSync(root + folder) } catch { return [] }
}

function text({ root }: Surroundings, file: string): string {
  try { return readFileSync(root + file, 'utf8') } catch { return '' }
}

function link({ root }: Surroundings, file: string): string | undefined {
  try { return readlinkSync(root + file) } catch { return undefined }
}

function mayOpen({ root }: Surroundings, file: string): boolean {
  try { accessSync(root + file, constants.R_OK | constants.W_OK); return true } catch { return false }
}

function stamp({ root }: Surroundings, file: string): string {
  try {
    const { size, mtimeMs } = statSync(root + file)
    return `${size} ${mtimeMs}`
  } catch { return '' }
}
