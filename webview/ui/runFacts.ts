import type { RunView } from '../../src/protocol/view'
import { t } from '../../src/sampler/text'
import { drawsNoise } from '../announce'
import { nameAndCost } from '../runName'
import { spacings } from './text'

/** A thing to know of a run: what it is called where there is little room, in full, and the value. */
export type Fact = readonly [name: string, fullName: string, value: string]

/** What a run was made with, in words: what the Sample tab and the summary of a recording say is from here. What means nothing for the run is not in it. @param item the image of a batch that it is asked for, by its number from 0; absent: all of them */
export function runFacts(run: RunView, item?: number): Partial<Record<'solver' | 'steps' | 'spacing' | 'seed' | 'class' | 'guidance', Fact>> {
  if (!run.document) return {}
  const { recipe, plan, seeds } = run.document
  const { noise, conditioning, guidance, schedule, input } = recipe
  const adaptive = plan.adaptive !== undefined
  const steps = adaptive ? t('{0}, which it found by itself', Math.max(0, run.rows.length - 1)) : String(plan.steps.length)
  const several = item === undefined && seeds.length > 1
  return {
    solver: [t('solver'), t('Solver'), nameAndCost(recipe, plan, run)],
    steps: [t('steps'), t('Steps'), steps],
    ...adaptive || input.task === 'noise' ? {} : { spacing: [t('spacing'), t('Spacing'), spacings[schedule.spacing]] as const },
    ...drawsNoise(run) ? { seed: several ? [t('seeds'), t('Seeds'), `${seeds[0]} … ${seeds.at(-1)}`] as const : [t('seed'), t('Seed'), seeds[item ?? 0] ?? String(noise.seed)] as const } : {},
    class: [t('class'), t('Class label'), [conditioning.classLabel].flat().join(', ')],
    ...guidance.scale === 1 ? {} : { guidance: [t('scale'), t('Guidance scale'), String(guidance.scale)] as const },
  }
}
