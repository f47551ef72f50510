import type * as Late from './late'

let late: typeof Late | undefined

/**
 * The planner and the checks of recipes, for the extension host. They are loaded with the first call: activate() does without them, so that
 * starting does not take longer with every solver. The build of dist/extension.js leaves ./late out (esbuild.mjs); any other has it inside.
 */
export function recipes(): typeof Late {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would make everything that asks for a plan wait for a promise
  return late ??= require('./late') as typeof Late
}
