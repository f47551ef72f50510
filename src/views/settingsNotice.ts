import type { Session } from '../run/session'
import type { ErrorReport } from '../sampler/errors'
import { t } from '../sampler/text'

/** Tells of settings that are not usable, of all of them in one notice, again when another joins them, and takes the word back when they are corrected. */
export function settingsNotice(session: Session): (problems: readonly ErrorReport[]) => void {
  let told: string[] = []
  let said: string | undefined
  return (problems) => {
    const messages = problems.map(({ message }) => message)
    const onShow = said !== undefined && session.state.notice?.message === said
    const notice = summed(problems)
    const news = messages.some((message) => !told.includes(message))
    if (!notice) { if (onShow) session.dismissNotice() } else if (news || onShow && notice.message !== said) session.report(notice, { standing: true })
    said = notice?.message
    told = messages
  }
}

/** The first, and how many more there are: the sentence on its default is of one alone. */
function summed([first, ...others]: readonly ErrorReport[]): ErrorReport | undefined {
  if (!first || others.length === 0) return first
  const more = others.length === 1 ? t('1 more setting is not usable.') : t('{0} more settings are not usable.', others.length)
  return { ...first, message: `${first.message} ${more}`, advice: t('Defaults are used until they are corrected.') }
}
