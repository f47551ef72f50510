// Part of the file that is loaded later: groups of the form that are folded away.
import { html, nothing, type TemplateResult } from 'lit-html'
import { whyNoPictures } from '../../src/recipe/pictures'
import { whyNoThresholding } from '../../src/recipe/prepare'
import type { Recipe } from '../../src/recipe/recipe'
import { ways } from '../../src/recipe/recipeWords'
import { t } from '../../src/sampler/text'
import { factsOf, guidanceOff, noNetwork } from '../form'
import { advancedGroup } from './advanced'
import type { Context } from './field'
import { fileField } from './fileField'
import { folded } from './group'
import { numberField } from './numberField'
import { startField } from './startField'
import { forms, tasks } from './text'
import { checkField, choiceField, listField } from './valueFields'

/** What is seldom changed, each kind in a group of its own. */
export function foldedGroups(context: Context, recipe: Recipe): TemplateResult {
  return html`${guidanceGroup(context, recipe)}${thresholdingGroup(context, recipe)}${imageGroup(context, recipe)}${advancedGroup(context, recipe)}`
}

function thresholdingGroup(context: Context, { solver, input: { task } }: Recipe): TemplateResult {
  return folded(context, 'thresholding', t('Thresholding'), () => {
    const facts = factsOf(context.state)
    const all = task === 'noise' ? noNetwork : facts && whyNoThresholding(facts)
    const off = all ?? (solver.thresholding ? null : t('Thresholding is not on.'))
    return html`
      ${checkField(context, { path: 'solver.thresholding', label: t('Threshold x̂₀'), off: all })}
      ${choiceField(context, { path: 'solver.thresholdingForm', label: t('Form'), words: forms, off })}
      ${numberField(context, { path: 'solver.thresholdingRatio', label: t('Ratio'), range: [0.5, 1, 0.005], off: off ?? (solver.thresholdingForm === 'clip' ? t('A plain clip has no quantile.') : null) })}
      ${numberField(context, { path: 'solver.thresholdingMax', label: t('Max'), off })}`
  })
}

function guidanceGroup(context: Context, { guidance, input: { task } }: Recipe): TemplateResult {
  return folded(context, 'guidance', t('More guidance'), () => {
    const { state } = context
    const facts = factsOf(state)
    const all = task === 'noise' ? noNetwork : null
    const idle = guidanceOff(state) ?? (guidance.scale === 1 ? t('Scale 1 is no guidance.') : null)
    return html`
      ${numberField(context, { path: 'guidance.rescale', label: t('Rescale φ'), range: [0, 1, 0.05], off: idle })}
      ${listField(context, { path: 'guidance.interval', label: t('σ/α from, to'), placeholder: t('everywhere'), off: all ?? (guidance.classifier === '' ? idle : null) })}
      ${fileField(context, { path: 'guidance.classifier', label: t('Classifier'), off: all ?? (facts && !facts.classes && guidance.classifier === '' ? t('{0} has no classes.', facts.name) : null) })}
      ${numberField(context, { path: 'guidance.classifierScale', label: t('Its scale'), range: [0, 10, 0.5], off: all ?? (guidance.classifier === '' ? t('No classifier is chosen.') : null) })}`
  })
}

function imageGroup(context: Context, { input: { task, image, mask } }: Recipe): TemplateResult {
  return folded(context, 'image', t('Image'), () => {
    const facts = factsOf(context.state)
    const none = facts && whyNoPictures(facts)
    return html`
    ${choiceField(context, { path: 'input.task', label: t('Task'), words: tasks, off: none })}
    ${fileField(context, { path: 'input.image', label: t('Image'), off: none })}
    ${fileField(context, { path: 'input.mask', label: t('Mask'), off: none ?? (task !== 'sample' ? t('Only sampling takes a mask.') : image === '' && mask === '' ? t('A mask says what to keep of an image.') : null) })}
    ${choiceField(context, { path: 'input.way', label: t('Way'), words: ways, off: none ?? (task === 'noise' ? null : t('Only noising an image has several ways.')) })}
    ${image === '' ? nothing : startField(context, task)}`
  })
}
