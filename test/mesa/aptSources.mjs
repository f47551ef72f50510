// The package sources that apt is configured with here, read in both of its formats.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Sources of binary packages that have `suite`: mirror, and how it is signed (a path of a key, or a key itself as the file has it).
 * @returns {{uri: string, signedBy?: string}[]}
 */
export function sourcesOf(suite, etc = '/etc/apt') {
  const parts = join(etc, 'sources.list.d')
  const files = [join(etc, 'sources.list'), ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [])]
  const read = (file) => existsSync(file) ? readFileSync(file, 'utf8') : ''
  return files.flatMap((file) => file.endsWith('.sources') ? stanzas(read(file)) : file.endsWith('.list') ? lines(read(file)) : [])
    .filter(({ suites }) => suites.includes(suite)).map(({ uri, signedBy }) => ({ uri, ...(signedBy ? { signedBy } : {}) }))
}

/** `deb [signed-by=/key] http://mirror/debian bookworm main` */
function lines(text) {
  return text.split('\n').flatMap((line) => {
    const [, options = '', uri, suite] = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line) ?? []
    return uri ? [{ uri, suites: [suite], signedBy: /signed-by=(\S+)/.exec(options)?.[1] }] : []
  })
}

/** `Types: deb`, `URIs: …`, `Suites: …`: a field to a line, which goes on where the next begins with a space. */
function stanzas(text) {
  return text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/).flatMap((stanza) => {
    const fields = Object.fromEntries([...stanza.matchAll(/^([\w-]+):[ \t]*((?:.*)(?:\n[ \t].*)*)/gm)].map(([, name, value]) => [name.toLowerCase(), value.trimEnd()]))
    if (!fields.types?.split(/\s+/).includes('deb') || fields.enabled?.trim() === 'no') return []
    return (fields.uris ?? '').split(/\s+/).filter(Boolean).map((uri) => ({ uri, suites: (fields.suites ?? '').split(/\s+/), signedBy: fields['signed-by'] }))
  })
}
