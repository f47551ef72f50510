// When the page is drawn: the store with a clock, animation frames and paintings that go on as the test says.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { initialState, type PageState } from '../../webview/state'
import { createStore, type Store } from '../../webview/store'

/** What a browser has for it. Timers and frames come when they are told to, painting after a drawing with `paint`. */
class Browser {
  now = 0
  private ids = 0
  private timers = new Map<number, { at: number; action: () => void }>()
  private frames = new Map<number, () => void>()
  private painting: (() => void)[] = []
  private readonly before = new Map<string, PropertyDescriptor | undefined>()

  constructor(processors: number) {
    const port = (): { onmessage: (() => void) | null } => ({ onmessage: null })
    const { painting } = this
    const setTimeout = (action: () => void, ms: number): number => { this.timers.set(++this.ids, { at: this.now + ms, action }); return this.ids }
    const globals = {
      window: { setTimeout }, clearTimeout: (id: number) => { this.timers.delete(id) }, navigator: { hardwareConcurrency: processors }, performance: { now: () => this.now },
      requestAnimationFrame: (action: () => void): number => { this.frames.set(++this.ids, action); return this.ids }, cancelAnimationFrame: (id: number) => { this.frames.delete(id) },
      MessageChannel: class { port1 = port(); port2 = { postMessage: () => { painting.push(() => { this.port1.onmessage?.() }) } } },
    }
    for (const [name, value] of Object.entries(globals)) {
      this.before.set(name, Object.getOwnPropertyDescriptor(globalThis, name))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
    }
  }

  restore(): void { for (const [name, descriptor] of this.before) if (descriptor) Object.defineProperty(globalThis, name, descriptor); else Reflect.deleteProperty(globalThis, name) }
  /** The screen shows its next picture. */
  frame(): void {
    const due = [...this.frames.values()]
    this.frames.clear()
    for (const action of due) action()
  }
  get waitsForFrame(): boolean { return this.frames.size > 0 }
  /** Lets so many ms pass, with the timers that are due in them and no animation frame. */
  pass(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const [id, next] = [...this.timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0] ?? []
      if (id === undefined || !next) break
      this.timers.delete(id)
      this.now = Math.max(this.now, next.at)
      next.action()
    }
    this.now = end
  }
  paint(): void { for (const painted of this.painting.splice(0)) painted() }
}
const microtasks = (): Promise<void> => Promise.resolve()

let browser: Browser
let drawings: { at: number; row: number; announcement: string }[]
/** What a drawing takes, in ms, and what it sets itself. */
let takes: number
let inDrawing: (() => void) | undefined
beforeEach(() => { browser = new Browser(2); drawings = []; takes = 0; inDrawing = undefined })
afterEach(() => { browser.restore() })
const storeOf = (): Store => createStore(initialState({}), ({ player: { row }, announcement }) => {
  drawings.push({ at: browser.now, row, announcement })
  browser.now += takes
  const once = inDrawing
  inDrawing = undefined
  once?.()
})
const row = (to: number): Partial<PageState> => ({ player: { row: to, following: false, playing: false, speed: 1, loop: false } })
/** A drawing with its painting, long enough ago to count as none. */
function drawnBefore(store: Store): void {
  store.set({})
  browser.frame()
  browser.paint()
  drawings.splice(0)
  browser.pass(1000)
}

test('a change is drawn with the animation frame, with all others of the moment; without frames after a while', () => {
  const store = storeOf()
  store.set(row(1))
  store.set(row(2))
  assert.equal(drawings.length, 0)
  browser.frame()
  assert.deepEqual(drawings, [{ at: 0, row: 2, announcement: '' }])
  browser.pass(1000)
  browser.frame()
  assert.equal(drawings.length, 1, 'once')
  store.set(row(3)) // of a page that is hidden
  browser.pass(99)
  assert.equal(drawings.length, 1)
  browser.pass(1)
  assert.deepEqual(drawings.at(-1), { at: 1100, row: 3, announcement: '' })
  assert.equal(browser.waitsForFrame, false, 'the frame that did not come would draw nothing new')
})

test('withNext is drawn with what is drawn next, whichever came first', () => {
  for (const first of ['withNext', 'soon'] as const) {
    const store = storeOf()
    drawnBefore(store)
    const changes = [() => { store.set(row(5), 'withNext') }, () => { store.set({ announcement: 'soon' }) }]
    for (const change of first === 'withNext' ? changes : changes.reverse()) change()
    browser.frame()
    assert.deepEqual(drawings.map(({ row: shown, announcement }) => [shown, announcement]), [[5, 'soon']], first)
    browser.pass(2000)
    assert.equal(drawings.length, 1, 'and not a second time')
  }
})

test('withNext alone waits for no animation frame and is drawn after a while: 100 ms, or the pace where that is more', () => {
  const store = storeOf()
  drawnBefore(store)
  store.set(row(1), 'withNext')
  assert.equal(browser.waitsForFrame, false)
  browser.frame()
  browser.pass(50)
  store.set(row(2), 'withNext') // does not put it off
  browser.pass(49)
  assert.equal(drawings.length, 0)
  browser.pass(1)
  assert.deepEqual(drawings.map(({ row: shown }) => shown), [2])

  takes = 10
  store.set({})
  browser.frame()
  browser.paint()
  const { pace } = store
  assert.ok(pace > 100, `${pace} ms`)
  drawings.splice(0)
  store.set(row(3), 'withNext')
  browser.pass(pace - 1)
  assert.equal(drawings.length, 0)
  browser.pass(1)
  assert.deepEqual(drawings.map(({ row: shown }) => shown), [3])
})

test('atOnce is drawn before the animation frame, once for all changes of the moment', async () => {
  const store = storeOf()
  drawnBefore(store)
  store.set(row(1), 'atOnce')
  store.set(row(2), 'atOnce')
  assert.equal(drawings.length, 0, 'what is done in the same moment is drawn with it')
  await microtasks()
  assert.deepEqual(drawings.map(({ row: shown }) => shown), [2])
  browser.frame()
  browser.pass(1000)
  assert.equal(drawings.length, 1)
  store.set(row(3), 'withNext')
  store.set({}, 'atOnce')
  await microtasks()
  assert.deepEqual(drawings.at(-1)?.row, 3, 'what waited goes along')
})

test('atOnce waits for the animation frame where the last drawing is a moment ago, or where a drawing asks for it', async () => {
  const store = storeOf()
  drawnBefore(store)
  store.set(row(1), 'atOnce')
  await microtasks()
  browser.pass(12)
  store.set(row(2), 'atOnce')
  await microtasks()
  assert.deepEqual(drawings.map(({ row: shown }) => shown), [1], '12 ms are no more than a picture of the screen')
  browser.frame()
  assert.deepEqual(drawings.map(({ row: shown }) => shown), [1, 2])
  browser.pass(13)
  inDrawing = () => { store.set(row(9), 'atOnce') }
  store.set(row(3), 'atOnce')
  await microtasks()
  await microtasks()
  assert.deepEqual(drawings.map(({ row: shown }) => shown), [1, 2, 3], 'a drawing that draws would never end')
  browser.frame()
  assert.equal(drawings.at(-1)?.row, 9)
})

test('the pace follows what drawings take until they are painted, at one percent of each processor and no more than ten in all, up to 500 ms', () => {
  for (const [processors, share] of [[1, 0.01], [2, 0.02], [8, 0.08], [64, 0.1]] as const) {
    browser.restore()
    browser = new Browser(processors)
    const store = storeOf()
    assert.equal(store.pace, 0, 'nothing is known yet')
    takes = 2
    store.set({})
    browser.frame()
    assert.equal(store.pace, 0, 'not until it is painted')
    browser.now += 1
    browser.paint()
    assert.ok(Math.abs(store.pace - 0.3 * 3 / share) < 1e-9, `${processors} processors: ${store.pace}`)
    for (let i = 0; i < 60; i++) {
      store.set({})
      browser.frame()
      browser.now += 1
      browser.paint()
    }
    assert.ok(Math.abs(store.pace - 3 / share) < 1e-6, 'the mean of what they take')
    takes = 5000
    store.set({})
    browser.frame()
    browser.paint()
    assert.equal(store.pace, 500)
    takes = 0
    for (let i = 0; i < 100; i++) {
      store.set({})
      browser.frame()
      browser.paint()
    }
    assert.ok(store.pace >= 0 && store.pace < 1e-6, 'and it comes down again')
  }
})
