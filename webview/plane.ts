import type { RowEvent, RunDocument } from '../src/protocol/run'
import { isGoing } from '../src/protocol/view'
import { analyticModel } from '../src/recipe/analyticModels'
import type { StateShape } from '../src/render/pixels'
import type { PointsScene } from '../src/render/points'
import { dataScene, exactFlow, noiseScene, pointsScene, type ExactFlow, type PlaneRow, type PlaneRun } from '../src/render/pointsScene'
import type { Distribution } from '../src/sampler/distribution'
import type { Level } from '../src/sampler/types'
import { factsOf } from './form'
import { initialState } from './initialNoise'
import { shownPlan, shownRow, type PageState } from './state'

/** The level of pure noise, where a form makes no plan to take it from. */
const pureNoise: Level = { t: 1, alpha: 0, sigma: 1, lambda: -Infinity }

/** What a frame shows, and of which row; no row before the first run, where there may be no points either. `from`: the same as long as the points are. */
export interface Shown { scene: PointsScene; row: number | undefined; from: unknown }

/** The scene of a frame of the run on show, or of the form where there is none; null where nothing can be drawn yet. */
export function shownScene(state: PageState, what: 'x' | 'x0', shape: StateShape): Shown | null {
  const document = state.view?.run?.document
  if (document) {
    const row = nearestRow(state)
    const run = planeRun(state, document)
    const scene = row === undefined ? null : pointsScene(run, flowOf(state, document, run), row, what)
    return scene && { scene, row, from: state.states.get(row!) }
  }
  if (state.view?.run) return null
  // Before the first run: the noise of a fixed seed over the density it is from, and the density of the data.
  const distribution = distributionOf(factsOf(state)?.path)
  const noise = state.form && what === 'x' ? initialState(state.form.recipe.noise, shape) : null
  return { scene: what === 'x' ? noiseScene(noise ?? [], shownPlan(state)?.levels[0] ?? pureNoise, distribution) : dataScene(distribution), row: undefined, from: noise }
}

/** x̂₀ of a row without its ways: a thumbnail. */
export function rowScene(state: PageState, document: RunDocument, row: number): PointsScene | null {
  const { rows, ...run } = planeRun(state, document)
  const states = state.states.get(row)
  return states && rows[row] ? pointsScene({ ...run, rows: [rows[row]], states: () => states }, null, 0, 'x0') : null
}

/** The shown row, or while its states are fetched the nearest whose states are here. */
function nearestRow(state: PageState): number | undefined {
  const row = shownRow(state)
  if (row < 0 || state.states.has(row)) return row < 0 ? undefined : row
  return [...state.states.keys()].sort((a, b) => Math.abs(a - row) - Math.abs(b - row))[0]
}

function planeRun({ view, states }: PageState, document: RunDocument): PlaneRun {
  const rows = rowsOf(document, view?.run?.rows ?? [])
  return { rows, end: document.plan.levels.at(-1) ?? pureNoise, states: (row) => states.get(row), distribution: distributionOf(document.model.path) }
}

/** Those of the plan; where the run finds its steps itself, those that it has come to. */
function rowsOf({ plan }: RunDocument, rows: readonly RowEvent[]): readonly PlaneRow[] {
  return plan.adaptive ? rows : plan.levels.map((level) => ({ level }))
}

const distributionOf = (path: string | undefined): Distribution | null => analyticModel(path ?? '')?.distribution ?? null

let last: { id: string; start: unknown; length: number; flow: ExactFlow | null } | undefined

/** Integrated once a run: of one that finds its steps itself, when it has. */
function flowOf({ states, view }: PageState, { id, plan }: RunDocument, run: PlaneRun): ExactFlow | null {
  if (plan.adaptive && isGoing(view?.run ?? null)) return null
  const start = states.get(0)
  const { length } = run.rows
  if (last?.id !== id || last.start !== start || last.length !== length) last = { id, start, length, flow: exactFlow(run) }
  return last.flow
}
