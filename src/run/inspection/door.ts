import type * as Late from './late'

let late: typeof Late | undefined

/** What looks into a recording for a page, loaded with the first question. The build of dist/extension.js leaves ./late out (esbuild.mjs); any other has it inside. */
export function inspection(): typeof Late {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as src/recipe/door.ts
  return late ??= require('./late') as typeof Late
}
