import { readFileSync } from 'node:fs'
import { setMessages, type Messages } from '../../../src/sampler/text'

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const accented = 'áƀćďéƒǵĥíĵķĺḿńóṕɋŕśťúṽẃẋýźÁɃĆĎÉƑǴĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼẂẊÝŹ'

/** A text as the pseudo-locale has it: accented, between ⟦ and ⟧, its {0} as they are. Whatever has an ASCII word then was not translated, or is the value of a {0}. */
export function pseudo(text: string): string {
  return `⟦${text.split(/(\{\d+\})/).map((part, i) => i % 2 === 1 ? part : [...part].map((letter) => accented[plain.indexOf(letter)] ?? letter).join('')).join('')}⟧`
}

/** Every text of l10n/bundle.l10n.json in the pseudo-locale. */
export const pseudoMessages: Messages = Object.fromEntries(Object.keys(JSON.parse(readFileSync('l10n/bundle.l10n.json', 'utf8')) as Messages).map((text) => [text, pseudo(text)]))

// Whoever imports this module before any other of the product has its texts in the pseudo-locale, those too that are made while modules load.
setMessages(pseudoMessages)
