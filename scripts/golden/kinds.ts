import { officialAdaptive, rk45 } from './adaptive'
import type { Compared } from './compare'
import type { Data } from './file'
import { coefficients } from './coefficients'
import { diffusersFinal, diffusersTrace } from './diffusers'
import { grid } from './grids'
import { guidance } from './guidance'
import { kdiffusionFinal, kdiffusionTrace } from './kdiffusion'
import { kdiffusionFastAdaptive } from './kdiffusionFast'
import { kdiffusionDiscrete, kdiffusionGrid } from './kdiffusionGrid'
import { noise } from './noise'
import { peerTest } from './peerTest'
import { reverseSde } from './reverseSde'
import { numpyLegacy, philoxBlock, philoxNormal, torchCpu, torchCpuBatch, torchCpuSequence } from './rng'
import { schedule, timesteps } from './schedules'
import { final, options, trace } from './solve'
import { unipc } from './unipc'

/** What a later version will do: the method's name is reported, nothing is compared. */
export interface Unsupported { unsupported: string }
export type CaseRunner = (golden: Data, header: Data) => Compared[] | Unsupported | Promise<Compared[] | Unsupported>

/** One kind, one way to run its cases. */
const runners: Readonly<Record<string, CaseRunner>> = {
  'official/schedule': schedule,
  'official/timesteps': timesteps,
  'official/coefficients': coefficients,
  'official/final': final,
  'official/trace': trace,
  'official/options': options,
  'official/guidance': guidance,
  'official/adaptive': officialAdaptive,
  'unipc/final': unipc,
  'diffusers/grid': grid,
  'diffusers/final': diffusersFinal,
  'diffusers/sde': diffusersFinal,
  'diffusers/trace': diffusersTrace,
  'diffusers/peer-test': peerTest,
  'kdiffusion/grid': kdiffusionGrid,
  'kdiffusion/discrete': kdiffusionDiscrete,
  'kdiffusion/final': kdiffusionFinal,
  'kdiffusion/trace': kdiffusionTrace,
  'kdiffusion/fast-adaptive': kdiffusionFastAdaptive,
  noise,
  'reverse-sde': reverseSde,
  rk45,
  'rng/torch-cpu': torchCpu,
  'rng/torch-cpu-sequence': torchCpuSequence,
  'rng/torch-cpu-batch': torchCpuBatch,
  'rng/philox-block': philoxBlock,
  'rng/philox-normal': philoxNormal,
  'rng/numpy-legacy': numpyLegacy,
}

/** Where the cases of other kinds name the method they are about. */
const nameKeys = ['scheduler', 'predictor', 'fn', 'variant', 'method', 'op', 'how']

/** What runs the cases of a kind; for a kind that is not known yet, what reports its methods as unsupported. */
export function runnerOf(kind: string): CaseRunner {
  if (Object.hasOwn(runners, kind)) return runners[kind]!
  return (golden) => {
    const name = nameKeys.map((key) => golden[key]).find((value) => typeof value === 'string')
    return { unsupported: typeof name === 'string' ? `${kind} ${name}` : kind }
  }
}
