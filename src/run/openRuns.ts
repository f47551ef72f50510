import { isRunId } from './runView'
import type { HeldRuns } from './heldRuns'

/** Where the ids of runs are kept from one life of the window to the next. */
export interface RunMemory { get(): unknown; set(runIds: string[]): void }

/**
 * Runs that have a panel of their own. They are held while it is open, and after a reload of the window until it is opened again: VS Code does that when its tab is
 * shown, which may be much later.
 */
export class OpenRuns {
  private readonly open = new Set<string>()
  /** Those whose panels may be opened again. */
  private readonly awaited = new Map<string, { dispose(): void }>()

  /** @param folderOf where a run is whose panel may be opened again */
  constructor(private readonly held: HeldRuns, private readonly memory: RunMemory, folderOf: (runId: string) => string) {
    const known = memory.get()
    for (const runId of new Set(Array.isArray(known) ? known.filter(isRunId) : [])) this.awaited.set(runId, held.hold(folderOf(runId)))
  }

  /** Until what is returned is disposed of, once. */
  add(runId: string, folder: string): { dispose(): void } {
    const holding = this.held.hold(folder)
    this.open.add(runId)
    this.awaited.get(runId)?.dispose()
    this.awaited.delete(runId)
    this.save()
    return {
      dispose: () => {
        holding.dispose()
        this.open.delete(runId)
        this.save()
      },
    }
  }

  /** There are no tabs any more of which panels could be opened again. */
  awaitNone(): void {
    if (this.awaited.size === 0) return
    for (const holding of this.awaited.values()) holding.dispose()
    this.awaited.clear()
    this.save()
  }

  private save(): void { this.memory.set([...this.awaited.keys(), ...this.open]) }
}
