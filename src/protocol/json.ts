/** Fields of run.json, events.jsonl and `--json` that may hold a number that is not finite: λ where σ = 0, statistics of a tensor without one finite value, … */
const numericFields = new Set(['t', 'alpha', 'sigma', 'lambda', 'lambdaMin', 'coefficient', 'min', 'max', 'mean', 'std', 'clipped', 'change', 'ms'])
const words: Record<string, number> = { Infinity, '-Infinity': -Infinity, NaN }

/** A number as JSON can carry it: itself, or one of the words "Infinity", "-Infinity", "NaN". */
export function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

/** JSON text in which numbers that are not finite are written as words instead of null. */
export function stringifyJson(value: unknown, indent?: number): string {
  // Plain JSON writes them as null: where it wrote none there is none, and asking for every field takes several times as long.
  const plain = JSON.stringify(value, undefined, indent)
  return !plain.includes('null') ? plain : JSON.stringify(value, (_key, field: unknown) => typeof field === 'number' ? jsonNumber(field) : field, indent)
}

/** Reads what `stringifyJson` wrote: the words become numbers again in the fields that are numbers (and stay words in a name or a class label). Throws SyntaxError. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (key, field: unknown) => typeof field === 'string' && numericFields.has(key) ? words[field] ?? field : field)
}
