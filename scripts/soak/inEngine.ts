// Preloaded into an engine by the soak and by a test: tells what of its memory is in use when all garbage is collected.
import { garbageCollected, inUseMB, tensors, type InUse } from './inUse'

process.on('message', (asked: unknown) => {
  if (asked !== 'what is in use?') return
  void garbageCollected().then(() => { process.send?.({ inUse: { MB: inUseMB(), tensors: tensors() } satisfies InUse }) })
})
