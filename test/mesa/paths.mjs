// Where the software GPU of the tests is: Mesa's lavapipe, a Vulkan driver that computes on the CPU.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const cache = process.env.DPM_CI_CACHE ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dpm-solver-ci')
/** Outside every clone, so that clones share it; the number changes with what setup.mjs puts there. */
export const mesaDir = join(cache, 'lavapipe-1')
/** What setup.mjs found out; written last. */
export const driverFile = join(mesaDir, 'driver.json')

/**
 * The driver that setup.mjs got ready: its version, where it is from, and what the environment of a process must have so that its WebGPU
 * runs on it. Undefined where there is none. A user's own GPU is not seen by such a process.
 */
export function softwareGpu() {
  return existsSync(driverFile) ? JSON.parse(readFileSync(driverFile, 'utf8')) : undefined
}
