import type * as Late from './late'

let late: typeof Late | undefined

/** Commands that ask something first, or show a page of text: seldom called, so they are loaded with the first call. The build of dist/extension.js leaves ./late out (esbuild.mjs); any other has it inside. */
export function dialogs(): typeof Late {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as src/recipe/door.ts
  return late ??= require('./late') as typeof Late
}
