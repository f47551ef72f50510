import type * as Late from './late'

let late: typeof Late | undefined

/** What fetches, unpacks and removes the CUDA Runtime: few ever ask for it, so it is loaded with the first call. */
export function cudaInstaller(): typeof Late {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as recipe/door.ts does
  return late ??= require('./late') as typeof Late
}
