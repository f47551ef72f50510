import { messagesKey, type Messages } from '../sampler/text'

/** Variable of the engine's environment with the path of the messages that it speaks in; not set: English. */
export const messagesVariable = 'DPM_MESSAGES'

/**
 * What stands in a page before its script: a script that lays the messages down, since texts are made while the page's modules load. Nothing in English.
 * @param nonce of the page's policy, which lets no other script in
 */
export function messagesScript(nonce: string, messages: Messages | undefined): string {
  if (!messages) return ''
  return `<script nonce="${nonce}">globalThis[Symbol.for('${messagesKey}')] = ${JSON.stringify(messages).replaceAll('<', '\\u003c')}</script>\n`
}
