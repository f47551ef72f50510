import { metadataKinds, type Metadata } from '../run/pngText'
import { DpmError } from '../sampler/errors'
import type { FlagValues } from './flags'

export const metadataFlag: readonly [flags: string, description: string] = ['--metadata <kind>', `What PNG files keep of how they were made. Values: ${metadataKinds.join(', ')}. (default: full)`]

/** Throws DpmError (`recipeInvalid`) for another word. */
export function metadataOf({ metadata = 'full' }: FlagValues): Metadata {
  const kind = metadataKinds.find((name) => name === metadata)
  if (kind === undefined) throw new DpmError({ reason: 'recipeInvalid', message: `--metadata must be one of ${metadataKinds.join(', ')}, not “${String(metadata)}”.`, advice: '“dpm-solver sample --help” lists the options and their values.' })
  return kind
}
