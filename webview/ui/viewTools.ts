import { html, nothing, type TemplateResult } from 'lit-html'
import { isDerived, tensors, type Tensor } from '../../src/protocol/inspect'
import { isPlane } from '../../src/render/pixels'
import { t } from '../../src/sampler/text'
import { keyFor } from '../keys'
import { nextZoom, placed, viewOf, withLinked, zoomText, type Pane } from '../lens'
import { activeFrame, enlarge, nextItem, noPlanePictures, probe, toggleBlink, toggleFrame, zoom, zoomTo } from '../looking'
import { shownTensors } from '../state'
import { button, checkbox } from './controls'
import type { Context } from './field'
import { narrowBelow } from './frameRoom'
import { names, paneOf, type Panes } from './frames'
import { icons } from './icons'
import { reducedMotion } from './motion'
import { pixelProbe } from './pixelProbe'
import { hasFactsBelow, runFactsList } from './runFactsList'

/** Under the frames: how they are looked at, and the key list; where there is no room beside them, which are shown too; where there is room under them, what the run was made with and what a pixel says. */
export function viewTools(context: Context, pane: Panes, shown: readonly Tensor[]): TemplateResult {
  const { state, act } = context
  const plane = isPlane(pane.shape)
  const still = reducedMotion()
  const narrow = state.size.width < narrowBelow
  return html`${narrow ? choice(context, plane, shown) : nothing}
    ${plane ? nothing : zoomTools(context, pane)}
    <div class="tools" role="group" aria-label=${t('Ways to look')}>
      ${plane ? nothing : button({ label: t('Probe'), ...pressed(state.look.probing), description: t('The arrow keys move from pixel to pixel ({0})', keyFor(state, 'probe')), onClick: () => { probe(act, state) } })}
      ${button({ label: t('Blink'), ...pressed(state.look.blink !== null), disabled: still, description: still ? t('Animations are turned off (reduce motion)') : t('x_t and x̂₀ take turns in one place ({0})', keyFor(state, 'blink')), onClick: () => { toggleBlink(act, state) } })}
      ${button({ label: t('Keyboard shortcuts'), icon: html`?`, appearance: 'icon', onClick: () => { act.popup(state.popup === 'keys' ? null : 'keys') } })}
    </div>
    ${narrow ? itemTools(context, pane) : nothing}${hasFactsBelow(state, pane) ? html`${runFactsList(state)}${pixelProbe(context)}` : nothing}`
}

/** Beside the frames: which are shown, and of a batch which image. */
export function shownTools(context: Context): TemplateResult {
  const { state } = context
  const pane = paneOf(state)
  const plane = isPlane(pane.shape)
  return html`<div class="shown-tools">${choice(context, plane, shownTensors(state, plane))}${itemTools(context, pane)}</div>`
}

const pressed = (on: boolean): { pressed: boolean; className: string } => ({ pressed: on, className: on ? 'pressed' : '' })

/** Actions of the key table that show one tensor alone. */
const alone: Record<Tensor, string> = { x: 'showX', x0: 'showX0', eps: 'showEps', delta: 'showDelta' }
const labels: Record<Tensor, string> = { x: 'xₜ', x0: 'x̂₀', eps: 'ε̂', delta: 'Δ' }

/** Buttons that stay pressed for the frames on show; of the plane's models only two. */
function choice({ state, act }: Context, plane: boolean, shown: readonly Tensor[]): TemplateResult {
  const what: Record<Tensor, string> = { x: t('noisy state'), x0: t('model’s estimate'), eps: t('the noise in x_t'), delta: t('how x̂₀ changed since the step before') }
  return html`<div class="tools show" role="group" aria-label=${t('Shown frames')}>${tensors.map((tensor) => {
    const off = plane && isDerived(tensor)
    return button({
      label: labels[tensor], ...pressed(shown.includes(tensor) && state.look.blink === null), disabled: off, onClick: () => { toggleFrame(act, state, tensor) },
      description: off ? noPlanePictures() : t('{0}: {1} ({2} shows it alone)', names[tensor], what[tensor], keyFor(state, alone[tensor])),
    })
  })}</div>`
}

function zoomTools({ state, act }: Context, pane: Pane): TemplateResult {
  const { look } = state
  const tensor = activeFrame(state)
  const view = viewOf(look, tensor)
  const { scale } = placed(view, pane)
  const whose = look.linked ? '' : names[tensor]
  return html`<div class="tools" role="group" aria-label=${look.linked ? t('Zoom') : t('Zoom of {0}', whose)}>
    <span class="zoom">${whose} ${zoomText(scale)}</span>
    ${button({ label: '1:1', disabled: scale === 1, description: t('One pixel of the screen for each of the picture'), onClick: () => { zoomTo(act, state, 1) } })}
    ${button({ label: t('Fit'), disabled: view.zoom === null, description: t('All of the picture ({0})', keyFor(state, 'fit')), onClick: () => { zoomTo(act, state, null) } })}
    ${button({ label: t('Zoom out ({0})', keyFor(state, 'zoomOut')), icon: icons.minus, appearance: 'icon', disabled: nextZoom(view, pane, -1) === null, onClick: () => { zoom(act, state, -1) } })}
    ${button({ label: t('Zoom in ({0})', keyFor(state, 'zoomIn')), icon: icons.plus, appearance: 'icon', disabled: nextZoom(view, pane, 1) === null, onClick: () => { zoom(act, state, 1) } })}
    ${checkbox({ label: t('link views'), checked: look.linked, onChange: (linked) => { act.setLook((now) => withLinked(now, linked)) } })}
  </div>`
}

/** Of a batch: which image is shown alone. */
function itemTools({ state, act }: Context, { shape, item }: Pane): TemplateResult | typeof nothing {
  return isPlane(shape) || shape[0] < 2 ? nothing : html`<div class="tools" role="group" aria-label=${t('Image')}>
    ${button({ label: t('Image before ({0})', keyFor(state, 'previousImage')), icon: icons.back, appearance: 'icon', onClick: () => { nextItem(act, state, -1) } })}
    <span class="which">${item === null ? t('all {0} images', shape[0]) : t('image {0} of {1}', item + 1, shape[0])}</span>
    ${button({ label: t('Next image ({0})', keyFor(state, 'nextImage')), icon: icons.on, appearance: 'icon', onClick: () => { nextItem(act, state, 1) } })}
    ${item === null ? nothing : button({ label: t('Back to the Grid'), description: t('Show all images (Escape)'), onClick: () => { enlarge(act, state, null) } })}
  </div>`
}
