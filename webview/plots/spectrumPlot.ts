import { t } from '../../src/sampler/text'
import { isGoing } from '../../src/protocol/view'
import { keyOf } from '../imageStatistics'
import { headRow, shownRow, type PageState } from '../state'
import { logAxis } from './axis'
import type { Plot } from './plot'
import { nothingPlotted, spectrumItem } from './plotted'

/** Power over spatial frequency of the row on show, and that of the last x̂₀ thin beside it: where the two part is what later steps decide. */
export function spectrumPlot(state: PageState): Plot {
  const { view } = state
  const plotted = state.plotted ?? nothingPlotted
  const item = spectrumItem(state)
  const newest = plotted.spectrum?.item === item ? plotted.spectrum.row : -1
  const wanted = shownRow(state)
  // Until the row on show is read, the one read last stands.
  const row = plotted.spectra.has(keyOf(item, wanted)) ? wanted : newest
  const shown = plotted.spectra.get(keyOf(item, row))
  const end = isGoing(view?.run ?? null) ? undefined : plotted.spectra.get(keyOf(item, headRow(state)))
  const [x, x0, last] = [[...shown?.x ?? []], [...shown?.x0 ?? []], [...end?.x0 ?? []]]
  const frequency = [...shown?.frequency ?? []]
  const left = logAxis([...x, ...x0, ...last])
  const several = (view?.run?.document?.shape[0] ?? 1) > 1
  return {
    id: 'spectrum', title: several ? t('power spectrum, image {0}', item + 1) : t('power spectrum'), left, right: null,
    missing: shown ? null : headRow(state) < 0 ? t('Nothing is recorded yet.') : t('Nothing of it is read yet.'),
    description: shown ? t('of xₜ and x̂₀ in step {0}, over frequencies up to {1} cycles per picture', row, readableEnd(frequency)) : t('nothing recorded'),
    x: { symbol: t('cycles per picture'), along: 'frequencies', axis: logAxis(frequency), values: frequency },
    series: [
      { symbol: 'x̂₀', colour: 'blue', mark: 'line', axis: left, values: x0 }, { symbol: 'xₜ', colour: 'yellow', mark: 'line', axis: left, values: x },
      ...end && end !== shown ? [{ symbol: t('x̂₀ at the end'), colour: 'blue', mark: 'ghost', axis: left, values: last } as const] : [],
    ],
  }
}

const readableEnd = (frequency: readonly number[]): string => String(Math.round(frequency.at(-1) ?? 0))
