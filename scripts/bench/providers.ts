import { bundledNames } from '../../src/recipe/bundled'
import { compare, comparedInWords, type Compared, type Refused } from '../providers/compare'
import { contestants } from '../providers/contestants'
import { measureStartUp, startUpInWords, type StartUp } from './startUp'

export interface ProviderFigures { startUp: StartUp; compared: Compared[]; refused: Refused[] }

/** The bundled models on every provider that works here, side by side, and what it takes to start an engine. */
export async function measureProviders(tell: (text: string) => void): Promise<ProviderFigures> {
  tell('engine …\n')
  const startUp = await measureStartUp()
  const { all } = await contestants()
  const results = []
  for (const model of bundledNames) results.push(await compare(model, [1, 4], all, tell))
  return { startUp, compared: results.flatMap(({ compared }) => compared), refused: results.flatMap(({ refused }) => refused) }
}

export function providersInWords({ startUp, compared, refused }: ProviderFigures): string {
  return `${comparedInWords(compared, refused)}\n${startUpInWords(startUp)}`
}
