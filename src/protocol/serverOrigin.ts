/** An address of an inference server, or null where it is none of http or https. */
export function serverUrl(server: string): URL | null {
  try {
    const url = new URL(server.trim())
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null
  } catch { return null }
}

/** Scheme, host and port of an inference server's address, by which its token is kept; null where it is none. */
export function serverOrigin(server: string): string | null {
  return serverUrl(server)?.origin ?? null
}
