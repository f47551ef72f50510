import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'

/** What a table of figures was measured on. */
export interface Machine { platform: string; arch: string; release: string; cpu: string; cores: number; memoryMB: number; node: string; /** As the system names them; empty where it does not say. */ graphics: string[] }

export function machine(): Machine {
  return {
    platform: platform(), arch: arch(), release: release(), cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length,
    memoryMB: Math.round(totalmem() / 2 ** 20), node: process.versions.node, graphics: graphics(),
  }
}

/** Megabytes that a process holds: at most so far on Linux and Windows, now elsewhere. NaN where the system does not say. */
export function memoryMB(pid: number): number {
  if (platform() === 'linux') return Number(/^VmHWM:\s+(\d+)/m.exec(quietly(() => readFileSync(`/proc/${pid}/status`, 'utf8')))?.[1]) / 1024
  if (platform() === 'win32') return Number(powershell(`(Get-Process -Id ${pid}).PeakWorkingSet64`) || NaN) / 2 ** 20
  return Number(said('ps', '-o', 'rss=', '-p', String(pid)) || NaN) / 1024
}

function graphics(): string[] {
  if (platform() === 'win32') return lines(powershell('Get-CimInstance Win32_VideoController | ForEach-Object { $_.Name + ", driver " + $_.DriverVersion }'))
  if (platform() === 'darwin') return lines(said('system_profiler', 'SPDisplaysDataType')).filter((line) => /^(Chipset Model|Metal)/.test(line))
  const nvidia = lines(said('nvidia-smi', '--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'))
  return nvidia.length > 0 ? nvidia : lines(said('lspci')).filter((line) => /VGA|3D controller|Display controller/.test(line))
}

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
const powershell = (command: string): string => said('powershell', '-NoProfile', '-Command', command)

/** What a program prints; nothing where it is not there or fails. */
function said(command: string, ...args: string[]): string {
  return quietly(() => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000 })).trim()
}

function quietly(ask: () => string): string {
  try { return ask() } catch { return '' }
}
