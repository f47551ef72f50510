import type { Session } from '../run/session'
import type { ErrorReport } from '../sampler/errors'

/** Tells of settings that are not usable, each once, and takes the word back when they are corrected. */
export function settingsNotice(session: Session): (problems: readonly ErrorReport[]) => void {
  let told: string[] = []
  return (problems) => {
    const messages = problems.map(({ message }) => message)
    const shown = session.state.notice?.message
    if (shown !== undefined && told.includes(shown) && !messages.includes(shown)) session.dismissNotice()
    for (const problem of problems) if (!told.includes(problem.message)) session.report(problem, { standing: true })
    told = messages
  }
}
