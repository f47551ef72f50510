import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boxOf, fitScale, nextZoom, panned, placeAt, placeBeside, placed, regionBetween, regionOfPixel, viewWith, zoomedTo, zoomText, type Pane } from '../../webview/lens'
import { wholeView, type View } from '../../webview/look'

const panes: fc.Arbitrary<Pane> = fc.record({ batch: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 96 }), width: fc.integer({ min: 1, max: 96 }), alone: fc.boolean(), fit: fc.double({ min: 0.2, max: 12, noNaN: true }) })
  .map(({ batch, height, width, alone, fit }) => {
    const columns = Math.ceil(Math.sqrt(batch))
    const [across, down] = alone ? [width, height] : [columns * width, Math.ceil(batch / columns) * height]
    return { shape: [batch, 3, height, width], item: alone ? batch - 1 : null, width: across, height: down, cssWidth: across * fit, cssHeight: down * fit }
  })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const views: fc.Arbitrary<View> = fc.record({ zoom: fc.constantFrom(null, 0.5, 1, 3, 16, 64), x: share, y: share })

test('wherever a view looks, the frame is filled, or the picture is in its middle', () => {
  fc.assert(fc.property(panes, views, (pane, view) => {
    const { scale, left, top } = placed(view, pane)
    for (const [corner, size, room] of [[left, pane.width * scale, pane.cssWidth], [top, pane.height * scale, pane.cssHeight]] as const) {
      if (size > room) assert.ok(corner <= 0.5 && corner + size >= room - 0.5, `${corner} ${size} ${room}`)
      else assert.ok(Math.abs(corner - (room - size) / 2) <= 0.5)
    }
  }))
})

test('zooming at a point leaves there what is there, as far as the edges of the picture allow', () => {
  fc.assert(fc.property(panes, views, share, share, (pane, view, u, v) => {
    const next = nextZoom(view, pane, 1)
    fc.pre(next !== null && next * pane.width >= pane.cssWidth && next * pane.height >= pane.cssHeight && placed(view, pane).scale * pane.width >= pane.cssWidth - 1e-6)
    const at = { x: u * pane.cssWidth, y: v * pane.cssHeight }
    const [before, after] = [placed(view, pane), placed(zoomedTo(view, pane, next, at), pane)]
    for (const [axis, corner] of [['x', 'left'], ['y', 'top']] as const) {
      const under = ({ scale, [corner]: from }: typeof before): number => (at[axis] - from) / scale
      assert.ok(Math.abs(under(before) - under(after)) <= 1 / before.scale + 1 / after.scale, `${under(before)} ${under(after)}`)
    }
  }))
})

test('zoom levels go up to 64, and down until all is seen or a pixel is a pixel; each step in comes back', () => {
  fc.assert(fc.property(panes, (pane) => {
    let view = wholeView
    const seen = [placed(view, pane).scale]
    for (let next = nextZoom(view, pane, 1); next !== null; next = nextZoom(view, pane, 1)) {
      view = zoomedTo(view, pane, next)
      assert.ok(placed(view, pane).scale > seen.at(-1)!)
      seen.push(placed(view, pane).scale)
    }
    assert.equal(seen.at(-1), 64)
    for (let next = nextZoom(view, pane, -1); next !== null; next = nextZoom(view, pane, -1)) view = zoomedTo(view, pane, next)
    assert.ok(Math.abs(placed(view, pane).scale - Math.min(1, fitScale(pane))) < 2e-3, 'near levels count as one')
  }))
})

test('the pixel found at a point is one whose box has the point, and its box in the frame is its own', () => {
  fc.assert(fc.property(panes, views, share, share, (pane, view, u, v) => {
    const at = { x: u * pane.cssWidth, y: v * pane.cssHeight }
    const place = placeAt(at, view, pane)
    fc.pre(place !== null)
    const box = boxOf(regionOfPixel(place), view, pane)!
    assert.ok(at.x >= box.x - 1e-6 && at.x <= box.x + box.width + 1e-6 && at.y >= box.y - 1e-6 && at.y <= box.y + box.height + 1e-6)
    assert.ok(place.item < pane.shape[0] && place.y < pane.shape[2] && place.x < pane.shape[3])
    if (pane.item !== null) assert.equal(place.item, pane.item)
  }))
})

test('by steps of one every pixel of the shown images is reached and none beyond; what is reached is seen', () => {
  const pane: Pane = { shape: [3, 1, 2, 3], item: null, width: 6, height: 4, cssWidth: 60, cssHeight: 40 }
  let places = [{ item: 0, y: 0, x: 0 }]
  const seen = new Set(['0,0,0'])
  while (places.length > 0) {
    places = places.flatMap((place) => [[1, 0], [-1, 0], [0, 1], [0, -1]].map(([dx, dy]) => placeBeside(place, dx!, dy!, pane))).filter(({ item, y, x }) => {
      const key = [item, y, x].join()
      return !seen.has(key) && seen.add(key)
    })
  }
  assert.equal(seen.size, 18)
  assert.deepEqual(placeBeside({ item: 1, y: 1, x: 0 }, 0, 1, pane), { item: 1, y: 1, x: 0 }, 'below it is no image')
  const view = viewWith({ item: 1, y: 1, x: 2 }, { zoom: 32, x: 0, y: 0 }, pane)
  const box = boxOf(regionOfPixel({ item: 1, y: 1, x: 2 }), view, pane)!
  assert.ok(box.x >= 0 && box.x + box.width <= 60 && box.y >= 0 && box.y + box.height <= 40, JSON.stringify(box))
})

test('panning follows the pointer until the edge, and words say how large a pixel is', () => {
  const pane: Pane = { shape: [1, 1, 10, 10], item: null, width: 10, height: 10, cssWidth: 100, cssHeight: 100 }
  const view = zoomedTo(wholeView, pane, 16)
  assert.deepEqual([placed(view, pane).left, placed(panned(view, pane, { x: 12, y: 0 }), pane).left], [-30, -18])
  assert.equal(placed(panned(view, pane, { x: 500, y: 0 }), pane).left, 0)
  assert.deepEqual(regionBetween({ item: 0, y: 5, x: 2 }, { item: 0, y: 3, x: 4 }), { item: 0, top: 3, left: 2, bottom: 6, right: 5 })
  assert.deepEqual([0.5, 1, 4, 0.34375].map(zoomText), ['0.5×', '1×', '4×', '0.34×'])
})
