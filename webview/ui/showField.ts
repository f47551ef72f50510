import type { Actions } from '../actions'
import { foldOf } from '../folds'
import { controlId } from './field'

/** Opens what a field is in and puts the focus into it; undefined, or one that the form does not show: to what is said above the form. */
export function showField(act: Pick<Actions, 'drawer' | 'fold'>, path: string | undefined): void {
  act.drawer(true)
  const fold = path === undefined ? null : foldOf(path)
  if (fold) act.fold(fold, true)
  requestAnimationFrame(() => {
    const control = path === undefined ? null : document.getElementById(controlId(path))
    const chosen = control?.querySelector<HTMLElement>('input:checked') // of radio buttons, whose group cannot have the focus
    ;(chosen ?? control)?.focus()
    const place = control?.closest('.field') ?? document.querySelector('.form > .field-error')
    place?.scrollIntoView({ block: 'nearest' })
  })
}
