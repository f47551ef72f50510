const made = new Map<string, { of: readonly unknown[]; value: unknown }>()

/** What `make` gave last under this name, as long as everything it is made of is the same. */
export function memo<T>(name: string, of: readonly unknown[], make: () => T): T {
  const last = made.get(name)
  if (last && last.of.length === of.length && last.of.every((one, i) => one === of[i])) return last.value as T
  const value = make()
  made.set(name, { of, value })
  return value
}
