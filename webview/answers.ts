import type { Answer, Question } from '../src/protocol/inspect'

type Kind = Question['of']
/** An answer with what was asked; null where the row could not be read. */
export interface Answered<K extends Kind = Kind> { question: Extract<Question, { of: K }>; answer: Extract<Answer, { of: K }> | null }
/** The last answer of each kind. */
export type Answers = Readonly<{ [K in Kind]?: Answered<K> }>

/** The answers with one more, in the place of the last of its kind. */
export function withAnswer(answers: Answers, question: Question, answer: Answer | null): Answers {
  return { ...answers, [question.of]: { question, answer } }
}
