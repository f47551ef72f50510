import { homedir } from 'node:os'
import { join } from 'node:path'

/** The user's folder for what can be found out again, below it one of this program's own: where each system wants it. Absolute. */
export function cacheFolder(platform: NodeJS.Platform = process.platform, env: NodeJS.ProcessEnv = process.env): string {
  const usual = platform === 'win32' ? env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local') : platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(usual, 'dpm-solver')
}
