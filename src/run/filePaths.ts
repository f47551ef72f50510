import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { fileFields } from '../protocol/view'
import { getPath, setPath } from '../recipe/path'
import type { Recipe } from '../recipe/recipe'

/** An absolute path, or '' where the value is empty or counts from a folder and there is none. `~`, `${userHome}` and `${workspaceFolder}` are known. */
export function absolutePath(value: string, folder: string | undefined): string {
  if (value === '') return ''
  const named = value.replace(/^~(?=$|[\\/])|^\$\{userHome\}/, () => homedir())
  if (/\$\{workspaceFolder\}/.test(named)) return folder === undefined ? '' : resolve(named.replace(/\$\{workspaceFolder\}/g, () => folder))
  if (isAbsolute(named)) return named
  return folder === undefined ? '' : join(folder, named)
}

/** The recipe with its files' paths made absolute, so that its run says which they were; a path that `absolute` gives '' for stays as it is, and the engine refuses it. */
export function withAbsoluteFiles(recipe: Recipe, absolute: (path: string) => string): Recipe {
  return Object.keys(fileFields).reduce((made, field) => {
    const path = getPath(made, field)
    return typeof path === 'string' && path !== '' && !isAbsolute(path) ? setPath(made, field, absolute(path) || path) : made
  }, recipe)
}
