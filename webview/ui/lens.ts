import { svg, html, nothing, type TemplateResult } from 'lit-html'
import type { DirectiveResult } from 'lit-html/directive.js'
import { ref } from 'lit-html/directives/ref.js'
import { samePlace, type PixelPlace, type Region, type Tensor } from '../../src/protocol/inspect'
import { t } from '../../src/sampler/text'
import { boxOf, isZoomed, nextZoom, panned, placeAt, placed, placeIn, regionBetween, regionOfPixel, viewOf, withView, zoomedTo, type Pane } from '../lens'
import type { View } from '../look'
import { choose } from '../looking'
import type { Context } from './field'
import { names } from './frames'

/** What makes a canvas a frame that is looked into. */
export interface Lens { attach: DirectiveResult; transform: string; over: TemplateResult; className: string; label: string; description: string }

/** How a frame is looked into: where its picture lies, what is marked on it, and what pointer and wheel do. */
export function lens(context: Context, tensor: Tensor, pane: Pane): Lens {
  const { look } = context.state
  const view = viewOf(look, tensor)
  const ratio = window.devicePixelRatio || 1
  const { scale, left, top } = placed(view, pane, ratio)
  const k = scale * pane.width / pane.cssWidth
  const grid = pane.item === null && pane.shape[0] > 1
  return {
    attach: ref((element) => { if (element) attach(element as HTMLElement, { context, tensor, pane }) }),
    transform: view.zoom === null ? '' : `translate(${left}px, ${top}px) scale(${k})`,
    over: marks(context, view, pane, ratio),
    className: isZoomed(view, pane) ? 'zoomed' : grid ? 'grid' : 'single',
    label: pane.item === null ? t('Frame {0}', names[tensor]) : t('Frame {0}, image {1}', names[tensor], pane.item + 1),
    description: grid ? t('Enter or a click: show this image alone') : t('Enter or a click: pin this pixel'),
  }
}

/** Least side of a mark in CSS pixels: a pixel may be smaller. */
const leastMark = 5

/** The pixel under the probe, the pinned one, and the rectangle, over every frame. */
function marks({ state: { look, pinned } }: Context, view: View, pane: Pane, ratio: number): TemplateResult {
  const mark = (className: string, region: Region | null): unknown => {
    const box = region && boxOf(region, view, pane, ratio)
    if (!box) return nothing
    const [width, height] = [Math.max(leastMark, box.width), Math.max(leastMark, box.height)]
    const [x, y] = [box.x - (width - box.width) / 2, box.y - (height - box.height) / 2]
    return svg`<rect class="edge" x=${x} y=${y} width=${width} height=${height}/><rect class=${className} x=${x} y=${y} width=${width} height=${height}/>`
  }
  return html`<svg class="marks" aria-hidden="true" width=${pane.cssWidth} height=${pane.cssHeight}>${mark('region', look.region)}${mark('pinned', pinned && regionOfPixel(pinned))}${mark('cursor', look.cursor && regionOfPixel(look.cursor))}</svg>`
}

interface Frame { context: Context; tensor: Tensor; pane: Pane }
/** The frame that each element shows, as it was drawn last. */
const framesOf = new WeakMap<Element, Frame>()

function attach(element: HTMLElement, frame: Frame): void {
  if (!framesOf.has(element)) {
    element.addEventListener('pointerdown', (event) => { press(element, event) })
    element.addEventListener('pointermove', (event) => { move(element, event) })
    element.addEventListener('pointerup', (event) => { release(element, event) })
    element.addEventListener('pointercancel', () => { gesture = null })
    element.addEventListener('pointerleave', () => { if (!gesture) point(framesOf.get(element)!, null) })
    element.addEventListener('focus', () => { activate(framesOf.get(element)!) })
    element.addEventListener('wheel', (event) => { wheel(element, event) }, { passive: false })
  }
  framesOf.set(element, frame)
}

/** What the pointer does since it was pressed: it will have clicked, it moves the picture, or it measures from a pixel on. */
type Gesture = { x: number; y: number; view: View } & ({ kind: 'click' | 'pan' | 'none' } | { kind: 'region'; anchor: PixelPlace })
let gesture: Gesture | null = null
/** A press that moved less is a click, in CSS pixels. */
const clickReach = 4
/** A turn of the wheel that is a level of zoom: a notch of a mouse is at least this, a trackpad sends many smaller ones. */
const wheelReach = 40
let turned = 0

const pointIn = (element: Element, { clientX, clientY }: MouseEvent): { x: number; y: number } => {
  const { left, top } = element.getBoundingClientRect()
  return { x: clientX - left, y: clientY - top }
}

function activate({ context: { state, act }, tensor }: Frame): void {
  if (state.look.active !== tensor) act.setLook((look) => ({ ...look, active: tensor }))
}

/** The probe follows the pointer; where the keys move it, it stays where the pointer leaves. */
function point({ context: { act } }: Frame, cursor: PixelPlace | null): void {
  act.setLook((look) => samePlace(look.cursor, cursor) || (!cursor && look.probing) ? look : { ...look, cursor })
}

function press(element: HTMLElement, event: PointerEvent): void {
  if (event.button !== 0) return
  const frame = framesOf.get(element)!
  const { context: { state, act }, tensor, pane } = frame
  activate(frame)
  const view = viewOf(state.look, tensor)
  const at = { x: event.clientX, y: event.clientY, view }
  const anchor = event.altKey || event.shiftKey ? placeAt(pointIn(element, event), view, pane) : null
  gesture = anchor ? { ...at, kind: 'region', anchor } : { ...at, kind: 'click' }
  if (anchor) act.setLook((look) => ({ ...look, cursor: anchor, region: regionOfPixel(anchor), anchor: null }))
  element.setPointerCapture(event.pointerId)
}

function move(element: HTMLElement, event: PointerEvent): void {
  const frame = framesOf.get(element)!
  const { context: { state, act }, tensor, pane } = frame
  const point2 = pointIn(element, event)
  if (!gesture) {
    activate(frame)
    point(frame, placeAt(point2, viewOf(state.look, tensor), pane))
    return
  }
  const by = { x: event.clientX - gesture.x, y: event.clientY - gesture.y }
  if (gesture.kind === 'click' && Math.hypot(by.x, by.y) > clickReach) gesture = { ...gesture, kind: isZoomed(gesture.view, pane) ? 'pan' : 'none' }
  const { view } = gesture
  if (gesture.kind === 'pan') act.setLook((look) => withView(look, tensor, panned(view, pane, by)))
  if (gesture.kind === 'region') {
    const { anchor } = gesture
    const cursor = placeIn(anchor.item, point2, view, pane)
    act.setLook((look) => ({ ...look, cursor, region: regionBetween(anchor, cursor) }))
  }
}

function release(element: HTMLElement, event: PointerEvent): void {
  const frame = framesOf.get(element)!
  const ended = gesture
  gesture = null
  const place = ended?.kind === 'click' ? placeAt(pointIn(element, event), ended.view, frame.pane) : null
  if (place) choose(frame.context.act, frame.context.state, place)
}

function wheel(element: HTMLElement, event: WheelEvent): void {
  if (!event.ctrlKey && !event.metaKey) return
  event.preventDefault() // or the whole window would be zoomed
  const { context: { state, act }, tensor, pane } = framesOf.get(element)!
  turned += event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : wheelReach)
  if (Math.abs(turned) < wheelReach) return
  const view = viewOf(state.look, tensor)
  const next = nextZoom(view, pane, turned < 0 ? 1 : -1)
  turned = 0
  if (next !== null) act.setLook((look) => withView(look, tensor, zoomedTo(view, pane, next, pointIn(element, event))))
}
