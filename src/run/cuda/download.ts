import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open as openFile, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { DpmError } from '../../sampler/errors'
import { t } from '../../sampler/text'
import type { Package } from './feed'
import { failed, open, partsOf, statusText, words } from './request'

/** So often in a row a connection may bring nothing before it is given up. */
const mostFruitless = 4

/** What is kept beside a part: of which package it is, and the mark that the server gave that state of it. */
interface Mark { url: string; bytes: number; sha512: string; tag: string }
const markOf = (file: string): string => `${file}.json`

/**
 * Fetches a package into `file`, going on with the part that is there if it is of the same package and the server still has that one (Range, If-Range). A connection that breaks is made again
 * after a pause that doubles. Throws DpmError, or the signal's reason; what has come so far stays.
 */
export async function download(wanted: Package, file: string, signal: AbortSignal, progress: (bytes: number) => void, pauseMs = 500): Promise<void> {
  const { host } = new URL(wanted.url)
  let mark = await readMark(file)
  if (mark?.url !== wanted.url || mark.sha512 !== wanted.sha512) mark = undefined
  let have = mark ? await stat(file).then(({ size }) => size, () => 0) : 0
  if (have > wanted.bytes) have = 0
  for (let fruitless = 0; have < wanted.bytes || !mark;) {
    signal.throwIfAborted()
    progress(have)
    const before = have
    let broke: unknown
    try {
      const answer = await open(wanted.url, mark && have > 0 && mark.tag !== '' ? { Range: `bytes=${have}-`, 'If-Range': mark.tag } : {}, signal)
      const parts = partsOf(answer)
      try {
        const range = answer.headers['content-range']
        if (answer.statusCode === 416 || (answer.statusCode === 206 && !goesOn(range, have))) have = 0 // it will not go on from there: the next try begins anew
        const from = startOf(answer.statusCode, range, have, host)
        mark = { ...wanted, tag: tagOf(answer.headers) }
        have = await append(file, mark, from, wanted.bytes, parts, (bytes) => { have = bytes; progress(bytes) })
      } finally { answer.destroy() }
      if (have < wanted.bytes) broke = new Error(t('it ended too early'))
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof DpmError) throw error
      broke = error
    }
    if (broke === undefined) continue
    fruitless = have > before ? 0 : fruitless + 1
    if (fruitless >= mostFruitless) throw failed(t('the connection to {0} broke after {1} of {2}: {3}', host, megabytes(have), megabytes(wanted.bytes), words(broke)), broke, t('What has come is kept: install again to go on from there.'))
    await wait(pauseMs * 2 ** fruitless, undefined, { signal }).catch(() => {})
  }
}

/** Base64 of the SHA-512 of a file. */
export async function sha512Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha512')
  for await (const part of createReadStream(file, { signal }) as AsyncIterable<Buffer>) hash.update(part)
  return hash.digest('base64')
}

/** `313 MB`; of little things, which only tests have, kB. */
export function megabytes(bytes: number): string { return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${Math.round(bytes / 1e6)} MB` }

const goesOn = (range: string | undefined, have: number): boolean => range?.startsWith(`bytes ${have}-`) === true

/** From which byte on an answer goes. */
function startOf(status: number | undefined, range: string | undefined, have: number, host: string): number {
  if (status === 200) return 0
  if (status === 206 && goesOn(range, have)) return have
  // A part that the server will not go on from, and servers that have no room: the next try comes later.
  if (status === 206 || status === 416 || status === 429 || (status ?? 0) >= 500) throw new Error(statusText(host, status))
  throw failed(statusText(host, status))
}

function tagOf({ etag, 'last-modified': modified }: { etag?: string | undefined; 'last-modified'?: string | undefined }): string {
  // A weak mark does not promise the same bytes.
  return etag !== undefined && !etag.startsWith('W/') ? etag : modified ?? ''
}

async function append(file: string, mark: Mark, from: number, most: number, parts: AsyncIterable<Buffer>, progress: (bytes: number) => void): Promise<number> {
  let handle: FileHandle
  try {
    await writeFile(markOf(file), JSON.stringify(mark))
    handle = await openFile(file, from > 0 ? 'r+' : 'w')
  } catch (error) { throw diskError(file, error) }
  let at = from
  try {
    for await (const part of parts) {
      if (at + part.length > most) throw failed(t('the package is larger than the {0} that the feed says', megabytes(most)))
      await handle.write(part, 0, part.length, at).catch((error: unknown) => { throw diskError(file, error) })
      progress(at += part.length)
    }
  } finally { await handle.close() }
  return at
}

/** A file that could not be written, as a sentence. */
export function diskError(file: string, error: unknown): DpmError {
  const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  return failed(full ? t('the disk is full at {0}', file) : t('{0} cannot be written: {1}', file, words(error)), error, full ? t('Make room and install again: what has come is kept.') : t('Make the folder writable and install again.'))
}

async function readMark(file: string): Promise<Mark | undefined> {
  try { return JSON.parse(await readFile(markOf(file), 'utf8')) as Mark } catch { return undefined }
}
