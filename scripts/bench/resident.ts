import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Resident memory of a process in MB (2^20 bytes); NaN where it is gone or the system does not say. */
export function residentMB(pid: number): number {
  try {
    const kB = process.platform === 'linux'
      ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return kB ? Number(kB) / 1024 : NaN
  } catch { return NaN }
}

/** Least-squares slope of y over x; NaN of fewer than two places. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const known = points.filter(({ y }) => Number.isFinite(y))
  const mean = (of: (point: { x: number; y: number }) => number): number => known.reduce((sum, point) => sum + of(point), 0) / known.length
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)]
  return mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2)
}

/** The value below which a share of all lie, in [0, 1]; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}
