import type * as Late from './exportLate'

let late: typeof Late | undefined

/** What writes pictures and trajectories, loaded with the first call: its libraries are most of the extension's code. The build of dist/extension.js leaves ./exportLate out (esbuild.mjs); any other has it inside. */
export function exportsOfRuns(): typeof Late {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as recipe/door.ts
  return late ??= require('./exportLate') as typeof Late
}
