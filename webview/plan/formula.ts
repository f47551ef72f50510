// What the terms of a step are called: in the table as the papers write them, in CSV as plain text.
import { html, nothing, type TemplateResult } from 'lit-html'
import { t } from '../../src/sampler/text'
import type { Of, Stage, Step, Term } from '../../src/sampler/types'
import { fixed } from '../ui/text'

/** Names of the noises of a step, by what they are: z where there is one. */
function noisesOf({ stages, update }: Step): ReadonlyMap<string, string> {
  const all = [...stages.flatMap(({ input }) => input), ...update].flatMap(({ of }) => of !== 'state' && ('draw' in of || 'brownian' in of) ? [keyOf(of)] : [])
  const kinds = [...new Set(all)]
  return new Map(kinds.map((key, i) => [key, kinds.length > 1 ? `z${i}` : 'z']))
}

const keyOf = (of: Of): string => JSON.stringify(of)

interface Name { letter: string; index: string }

function nameOf({ of }: Term, noises: ReadonlyMap<string, string>): Name {
  if (of === 'state') return { letter: 'x', index: '' }
  if ('stage' in of) return { letter: of.raw === undefined ? 'm' : of.raw === 'noise' ? 'ε' : 'x̂', index: String(of.stage) }
  if ('past' in of) return { letter: 'm', index: `−${of.past + 1}` }
  return { letter: 'z', index: noises.get(keyOf(of))?.slice(1) ?? '' }
}

/** A stage whose state is another than the one the step begins with. */
const isInner = ({ input }: Stage): boolean => !(input.length === 1 && input[0]!.of === 'state' && input[0]!.coefficient === 1)

/** “m₁ at λ −0.31: 0.95 x + 0.03 m₀; 0.91 x + 0.07 m₁”, in one line, or broken between its terms. */
export function formula(step: Step): TemplateResult {
  const noises = noisesOf(step)
  return html`${step.stages.map((stage, k) => isInner(stage) ? html`<span class="inner"><span class="term">m<sub>${k}</sub> ${t('at λ {0}:', fixed(stage.level.lambda, 3, true))}</span> ${sum(stage.input, noises)};</span> ` : nothing)}${sum(step.update, noises)}`
}

function sum(terms: readonly Term[], noises: ReadonlyMap<string, string>): TemplateResult {
  return html`${terms.filter(({ coefficient }) => coefficient !== 0).map((term, i) => {
    const { letter, index } = nameOf(term, noises)
    return html`${i > 0 ? ' ' : ''}<span class="term">${term.coefficient < 0 ? '− ' : i > 0 ? '+ ' : ''}${fixed(Math.abs(term.coefficient), 4)}&thinsp;${letter}${index ? html`<sub>${index}</sub>` : nothing}${term.scaledBy ? html`&thinsp;e<sup>${fixed(term.scaledBy.exponent, 2)} v</sup>` : nothing}</span>`
  })}`
}

/** The same with all digits and no marks: “m1(lambda=-0.31) = 0.95*x + 0.03*m0; x = 0.91*x + 0.07*m1”. */
export function formulaText(step: Step): string {
  const noises = noisesOf(step)
  const text = (terms: readonly Term[]): string => terms.map((term) => {
    const { letter, index } = nameOf(term, noises)
    const plain = `${{ 'ε': 'eps', 'x̂': 'x0_' }[letter] ?? letter}${index.startsWith('−') ? `[-${index.slice(1)}]` : index}`
    return `${String(term.coefficient)}*${plain}${term.scaledBy ? `*exp(${String(term.scaledBy.exponent)}*v${term.scaledBy.stage})` : ''}`
  }).join(' + ')
  return [...step.stages.flatMap((stage, k) => isInner(stage) ? [`m${k}(lambda=${String(stage.level.lambda)}) = ${text(stage.input)}`] : []), `x = ${text(step.update)}`].join('; ')
}
