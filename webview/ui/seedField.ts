import { html, type TemplateResult } from 'lit-html'
import { parseSeed } from '../../src/recipe/seed'
import { t } from '../../src/sampler/text'
import { button, textField } from './controls'
import { describe, field, shownText, type Context } from './field'
import { icons } from './icons'

const path = 'noise.seed'

/** The seed: a number to type, a new one each run (dice), or that of the run shown. */
export function seedField(context: Context): TemplateResult {
  const { state, act } = context
  const random = state.form?.recipe.noise.seed === 'random'
  const last = state.view?.run?.document?.recipe.noise.seed
  const shown = shownText(state, path, (seed) => seed === 'random' ? '' : String(seed))
  const spec = { path, label: t('Seed') }
  return field(context, spec, html`
    ${textField({
      ...describe(state, spec), className: 'wide', value: shown, placeholder: t('random'),
      onInput: (text) => { act.type(path, t('the seed'), text, parse) }, onLeave: () => { act.leave(path) },
      onStep: (by) => { act.nudge(path, (seed) => parse(String(stepped(seed as number | string, by)))) },
    })}
    ${button({ label: t('Random seed each run'), icon: icons.dice, appearance: 'icon', pressed: random, className: random ? 'pressed' : '', onClick: () => { act.edit(path, random ? last ?? 0 : 'random') } })}
    ${button({ label: t('Reuse seed'), icon: icons.reuse, appearance: 'icon', disabled: last === undefined, description: last === undefined ? t('Reuse seed: nothing has run yet') : t('Reuse seed {0} of the run shown', String(last)), onClick: act.reuseSeed })}`)
}

/** A number up to 2^53 − 1, a decimal string above; empty is random. */
function parse(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.toLowerCase() === 'random') return 'random'
  try {
    const seed = parseSeed(trimmed)
    return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed.toString()
  } catch {
    return undefined
  }
}

function stepped(seed: number | string, by: number): bigint {
  return seed === 'random' ? 0n : BigInt(seed) + BigInt(by)
}
