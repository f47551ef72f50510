/** Where the messages of the process lie: the files of this extension are several bundles, each with its own copy of this module, and one set of messages. */
export const messagesKey = 'dpmSolver.messages'
const place = Symbol.for(messagesKey)
export type Messages = Readonly<Record<string, string>>
const shared = globalThis as typeof globalThis & { [place]?: Messages | undefined }

/** From here on texts are those of a language: `messages` by the English text. undefined: English. */
export function setMessages(messages: Messages | undefined): void {
  shared[place] = messages
}

/**
 * The text in the user's language. `{0}`, `{1}`, … stand for the arguments. Every text that a user reads goes through here, and every call has the
 * text itself as its first argument: `npm run l10n` collects them from the source.
 */
export function t(message: string, ...args: readonly (string | number)[]): string {
  const text = shared[place]?.[message] ?? message
  return args.length === 0 ? text : text.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole))
}

/** Choices as a sentence names them: “a”, “a or b”, “a, b or c”. */
export function orList(values: readonly (string | number)[]): string {
  return values.length < 2 ? values.join('') : t('{0} or {1}', values.slice(0, -1).join(', '), values.at(-1)!)
}

/** Things as a sentence counts them up: “a”, “a and b”, “a, b and c”. */
export function andList(values: readonly (string | number)[]): string {
  return values.length < 2 ? values.join('') : t('{0} and {1}', values.slice(0, -1).join(', '), values.at(-1)!)
}

/** As t, for a text that stands in schemas/recipe.schema.json, where `npm run l10n` finds it. */
export function schemaText(text: string): string {
  return shared[place]?.[text] ?? text
}
