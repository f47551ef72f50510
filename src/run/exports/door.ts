import type * as Late from './late'

let late: typeof Late | undefined

/** What writes pictures and trajectories, loaded with the first call: its libraries are most of the extension's code. The build of dist/extension.js leaves ./late out (esbuild.mjs); any other has it inside. */
export function exportsOfRuns(): typeof Late {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as src/recipe/door.ts
  return late ??= require('./late') as typeof Late
}
