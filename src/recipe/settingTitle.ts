/** What the Settings editor calls a setting of this extension, below its name: `record.keep` is “Record: Keep”. VS Code makes it of the key, in English whatever its language. */
export function settingTitle(key: string): string {
  const words = key.split('.').map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/^[a-z]/, (first) => first.toUpperCase()).replace(/\bId\b/, 'ID'))
  const [name = '', ...groups] = words.reverse()
  return groups.length === 0 ? name : `${groups.reverse().join(' › ')}: ${name}`
}
