import { fields } from '../src/recipe/fields'
import { isModified } from './form'
import type { PageState } from './state'

/** Whether Save as Defaults would write anything: a field that has a setting differs from it. */
export function isSavable(state: PageState): boolean {
  return fields.some(({ path, setting }) => setting !== null && isModified(state, path))
}
