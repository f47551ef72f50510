import { tensors, type PixelPlace, type Tensor } from '../src/protocol/inspect'
import { isGoing } from '../src/protocol/view'
import type { FileField, PageCommand, Tab, TextKind, TextLanguage } from '../src/protocol/view'
import { getPath } from '../src/recipe/path'
import { schemaAt, allowedValues } from '../src/recipe/schema'
import { shortSeed } from '../src/recipe/seed'
import type { Remedy } from '../src/sampler/errors'
import { t } from '../src/sampler/text'
import { capital } from './ui/text'
import type { Door } from './door'
import type { Fold } from './folds'
import { factsOf, leftOut, runRefusal, withDraft, withFields, type Form } from './form'
import { hasStates, keptFrom, keptNear } from './keptRows'
import type { LiveSampling } from './live'
import type { Look } from './look'
import type { Crosshair, PlotId } from './plotChoice'
import { headRow, shownRow, shownTensors, type CustomFields, type PageState, type PlanView, type Popup } from './state'
import type { Store } from './store'

/** Everything the user can do, as the templates call it. */
export type Actions = ReturnType<typeof createActions>

export function createActions(store: Store, door: Door, live: LiveSampling) {
  const player = (patch: Partial<Store['state']['player']>): void => { store.set({ player: { ...store.state.player, ...patch } }, 'atOnce') }
  const run = () => store.state.view?.run ?? null

  function setForm(edited: Form): void {
    const form = withOwnSteps(store.state, edited)
    store.set({ form })
    door.post({ type: 'recipe', recipe: form.recipe })
    live.changed()
  }

  const actions = {
    /** Sets recipe fields, by dotted path; `leftOut` stands for no value. */
    apply: (set: Record<string, unknown>): void => {
      const { form, planner } = store.state
      if (!form) return
      const left = typeof planner === 'string' ? null : planner.leavingCustom(store.state, set)
      if (left) actions.plan(left.plan)
      setForm(withFields(form, { ...left?.fields, ...set }))
    },
    edit: (path: string, value: unknown): void => { actions.apply({ [path]: value }) },

    /** Sets a field to what `next` makes of its value now, which may be newer than the drawing; undefined leaves it. */
    nudge: (path: string, next: (value: unknown) => unknown): void => {
      const value = next(getPath(store.state.form?.recipe, path))
      if (value !== undefined) actions.edit(path, value)
    },

    /** Sets the recipe fields that follow from the state as it is now, which may be newer than the drawing, and changes the Plan tab with them; null leaves both. */
    derive: (next: (state: PageState) => { fields: CustomFields; plan: Partial<PlanView> } | null): void => {
      const change = next(store.state)
      if (!change) return
      actions.plan(change.plan)
      actions.apply(change.fields)
    },
    /** What the state as it is now says, which may be newer than the drawing. */
    look: <T>(at: (state: PageState) => T): T => at(store.state),
    plan: (patch: Partial<PlanView>): void => {
      const { plan } = store.state
      if (Object.entries(patch).some(([name, value]) => plan[name as keyof PlanView] !== value)) store.set({ plan: { ...plan, ...patch } })
    },
    live: (on: boolean): void => { store.set({ live: on }); live.changed() },

    /** Sets a field to what the settings say. */
    reset: (path: string): void => { actions.edit(path, getPath(store.state.view?.defaults, path) ?? leftOut) },

    /**
     * Takes what is typed into a field: the recipe has the value as soon as it is one; until then the text stands with the reason.
     * `parse` gives undefined for a text that is no value, `leftOut` for one that says nothing.
     */
    type: (path: string, label: string, text: string, parse: (text: string) => unknown): void => {
      const { form } = store.state
      if (!form) return
      const value = parse(text)
      if (value === undefined) store.set({ form: withDraft(form, path, { text, error: t('{0} must be {1}.', capital(label), mustBe(path)) }) })
      else setForm(withDraft(withFields(form, { [path]: value }), path, { text, error: null }))
    },
    /** The field was left: what is a value is shown as one again. */
    leave: (path: string): void => {
      const { form } = store.state
      if (form?.drafts[path]?.error === null) store.set({ form: withDraft(form, path, null) })
    },

    run: (): void => {
      const { form } = store.state
      if (form && runRefusal(store.state) === null && !isGoing(run())) door.post({ type: 'run', recipe: form.recipe })
    },
    stop: (): void => { door.post({ type: 'stop' }) },
    resume: (): void => { door.post({ type: 'resume' }) },
    discard: (): void => { door.post({ type: 'discard' }) },
    forceStop: (): void => { door.post({ type: 'forceStop' }) },
    remedy: (remedy: Remedy): void => { door.post({ type: 'remedy', remedy }) },
    /** What helps with the recipe of the form: other values, which are set here, or a command. */
    help: (remedy: Remedy): void => { if ('set' in remedy) actions.apply(remedy.set); else actions.remedy(remedy) },
    browseFile: (field: FileField): void => { door.post({ type: 'browseFile', field }) },
    command: (command: PageCommand): void => { door.post({ type: 'command', command }) },
    /** To a model; `file` at once among files, not in a list of models first. */
    browse: (what?: 'file'): void => { door.post({ type: 'browseModel', ...(what ? { what } : {}) }) },
    nextError: (): void => { store.set({ errorShown: store.state.errorShown + 1 }) },
    saveDefaults: (): void => { if (store.state.form) door.post({ type: 'saveDefaults', recipe: store.state.form.recipe }) },
    /** `what` names it in the message that tells of it. */
    copyText: (text: string, what: string): void => { door.post({ type: 'copyText', text, what }) },
    /** Offers to save it as a file; `name` is without the extension. */
    saveText: (text: string, name: string, kind: TextKind): void => { door.post({ type: 'saveText', text, name, kind }) },
    openText: (text: string, language: TextLanguage): void => { door.post({ type: 'openText', text, language }) },
    useRecipe: (): void => { door.post({ type: 'useRecipe' }) },
    openSettings: (): void => { door.post({ type: 'openSettings' }) },
    showLog: (): void => { door.post({ type: 'showLog' }) },
    manageTrust: (): void => { door.post({ type: 'manageTrust' }) },
    dismissHint: (): void => { door.post({ type: 'dismissHint' }) },
    dismissNotice: (): void => { door.post({ type: 'dismissNotice' }) },
    saveImage: (what: 'x' | 'x0'): void => {
      const row = shownRow(store.state)
      const runId = run()?.runId
      if (runId !== undefined && row >= 0) door.post({ type: 'saveImage', runId, row, what })
    },
    reuseSeed: (): void => {
      const seed = run()?.document?.recipe.noise.seed
      if (seed !== undefined) actions.edit('noise.seed', shortSeed(seed))
    },

    /** To a recorded row, or the nearest whose states are kept; the timeline stays there. */
    go: (row: number): void => {
      const kept = keptNear(run(), Math.max(0, Math.min(row, headRow(store.state))))
      player(kept === undefined ? {} : { row: kept, following: false, playing: false }) // also where there is none: the slider goes back
    },
    /** So many rows on or back, of those whose states are kept. */
    step: (by: number): void => {
      let row = shownRow(store.state)
      for (let n = Math.abs(by); n > 0; n--) row = keptFrom(run(), row + Math.sign(by), Math.sign(by)) ?? row
      if (hasStates(run(), row)) actions.go(row)
    },
    first: (): void => { actions.go(0) },
    /** To the newest row; of a run that goes on, along with it. */
    last: (): void => { player({ row: headRow(store.state), following: true, playing: false }) },
    togglePlay: (): void => {
      const { playing } = store.state.player
      if (playing) player({ playing: false })
      else if (headRow(store.state) > 0) player({ playing: true, following: false, row: shownRow(store.state) >= headRow(store.state) ? 0 : shownRow(store.state) })
    },
    speed: (speed: number): void => { player({ speed }) },
    loop: (loop: boolean): void => { player({ loop }) },

    /** These frames, in this order. */
    show: (shown: readonly Tensor[]): void => { store.set({ shown }) },
    /** One frame more, in its usual place, or one less; the last one stays. */
    toggleShown: (tensor: Tensor, plane: boolean): void => {
      const shown = shownTensors(store.state, plane)
      const others = shown.filter((other) => other !== tensor)
      const after = others.findIndex((other) => tensors.indexOf(other) > tensors.indexOf(tensor))
      if (others.length === shown.length) actions.show(after < 0 ? [...others, tensor] : [...others.slice(0, after), tensor, ...others.slice(after)])
      else if (others.length > 0) actions.show(others)
    },
    setLook: (next: (look: Look) => Look): void => {
      const look = next(store.state.look)
      if (look !== store.state.look) store.set({ look })
    },
    announce: (announcement: string): void => { store.set({ announcement }) },
    pin: (pinned: PixelPlace | null): void => { store.set({ pinned }) },
    fold: (fold: Fold, open: boolean): void => {
      const { folds } = store.state
      if (folds.has(fold) !== open) store.set({ folds: new Set([...folds].filter((other) => other !== fold).concat(open ? [fold] : [])) })
    },
    /** Where values are read; null where they are not. */
    crosshair: (crosshair: Crosshair | null): void => {
      const { crosshair: now } = store.state
      if (now?.along !== crosshair?.along || now?.index !== crosshair?.index) store.set({ crosshair })
    },
    /** To where values are read after they were read at `from` or, newer than the drawing, at the crosshair. */
    read: (along: Crosshair['along'], from: number, next: (index: number) => number): void => {
      const { crosshair: now } = store.state
      actions.crosshair({ along, index: next(now?.along === along ? now.index : from) })
    },
    /** To the step whose values are read. */
    goRead: (): void => { if (store.state.crosshair?.along === 'steps') actions.go(store.state.crosshair.index) },
    choosePlots: (chosen: readonly PlotId[]): void => { store.set({ plots: { ...store.state.plots, chosen } }) },
    tables: (tables: boolean): void => { store.set({ plots: { ...store.state.plots, tables } }) },
    tab: (tab: Tab): void => { store.set({ tab }) },
    drawer: (drawer: boolean): void => { store.set({ drawer }) },
    popup: (popup: Popup | null): void => { store.set({ popup }) },
    stage: (stage: number): void => { if (store.state.stage !== stage) store.set({ stage }) },
    size: (width: number, height: number): void => {
      const { size } = store.state
      if (size.width !== width || size.height !== height) store.set({ size: { width, height } })
    },
  }
  return actions
}

/** The form with as many steps as its custom steps take: the field is not the user's then. */
function withOwnSteps({ planner, ...state }: PageState, form: Form): Form {
  const facts = factsOf({ ...state, planner, form })
  if (typeof planner === 'string' || !facts) return form
  const { solver } = planner.withOwnSteps(form.recipe, facts)
  return solver.steps === form.recipe.solver.steps ? form : withFields(form, { 'solver.steps': solver.steps })
}

function mustBe(path: string): string {
  if (path === 'noise.seed') return t('a whole number from 0 to 18446744073709551615, or random')
  if (path === 'conditioning.classLabel') return t('a list of class indices or names, separated by commas')
  const node = schemaAt(path)!
  return node.type === 'array' ? t('a list of numbers, separated by commas') : allowedValues(node)
}
