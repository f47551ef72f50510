import { readFileSync } from 'node:fs'

/** package.json as VS Code reads it in English: each `%key%` is the text of package.nls.json. A key that is not there stays as it stands. */
export function readManifest<T>(): T {
  const texts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>
  return JSON.parse(readFileSync('package.json', 'utf8'), (_, value: unknown) => typeof value === 'string' ? texts[/^%(.+)%$/.exec(value)?.[1] ?? ''] ?? value : value) as T
}

/** The keys of all settings, without `dpmSolver.`. */
export function settingKeys(): string[] {
  const { contributes } = readManifest<{ contributes: { configuration: { properties: Record<string, unknown> }[] } }>()
  return contributes.configuration.flatMap(({ properties }) => Object.keys(properties)).map((key) => key.replace('dpmSolver.', ''))
}
