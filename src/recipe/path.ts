/** Names that reach an object's prototype: never a step of a path. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/** True for a plain JSON object: not null, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a dotted path such as `solver.steps`, or undefined where there is none. Own properties only. */
export function getPath(root: unknown, path: string): unknown {
  let value = root
  for (const key of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

/**
 * A copy of `root` with `value` at the dotted path; objects on the way are made where they are missing. `root` is left alone.
 * Throws RangeError for a path with an empty step or one that would reach a prototype.
 */
export function setPath<T>(root: T, path: string, value: unknown): T {
  const [key = '', ...rest] = path.split('.')
  if (key === '' || forbidden.has(key)) throw new RangeError(`“${path}” is not a path`)
  const copy: Record<string, unknown> = isObject(root) ? { ...root } : {}
  copy[key] = rest.length === 0 ? value : setPath(Object.hasOwn(copy, key) ? copy[key] : {}, rest.join('.'), value)
  return copy as T
}

/** A copy of `root` without what is at the dotted path. `root` itself where there is nothing. */
export function withoutPath<T>(root: T, path: string): T {
  if (getPath(root, path) === undefined) return root
  const at = path.lastIndexOf('.')
  const owner = at < 0 ? root : getPath(root, path.slice(0, at))
  const rest = Object.fromEntries(Object.entries(owner as Record<string, unknown>).filter(([key]) => key !== path.slice(at + 1)))
  return at < 0 ? rest as T : setPath(root, path.slice(0, at), rest)
}
