import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An empty file of this name in a run's folder keeps the run: it is never removed for a limit, nor counted towards one. docs/run-format.md names it. */
export const pinFile = 'pinned'

/** Pins a run, or takes its pin away. Rejects with what the system says. */
export async function pinRun(folder: string, pinned: boolean): Promise<void> {
  if (pinned) await writeFile(join(folder, pinFile), '')
  else await rm(join(folder, pinFile), { force: true })
}
