// A NuGet v3 feed with one small package, which cuts, refuses and waits when it is told to.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

export const version = '1.30.0'
const id = 'microsoft.ml.onnxruntime.gpu.linux'
const providers = ['shared', 'cuda', 'tensorrt'] as const

/** A zip archive. */
export function zip(files: Record<string, Uint8Array>): Buffer {
  const [bodies, entries]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const [name, content] of Object.entries(files)) {
    const data = deflateRawSync(content)
    const path = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(Buffer.from(content)), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(path.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, path, data])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), common, tail, path]))
    bodies.push(local)
    at += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, directory, end])
}

/** What the package unpacks to: libraries that stand in for ONNX Runtime's (test/fixtures/cuda), each made longer by bytes that do not compress. */
export const libraries = Object.fromEntries(providers.map((name) => {
  const fixture = readFileSync(`test/fixtures/cuda/libonnxruntime_providers_${name === 'tensorrt' ? 'shared' : name}.so`)
  const noise = Array.from({ length: 600 }, (_, i) => createHash('sha512').update(`${name} ${i}`).digest())
  return [`libonnxruntime_providers_${name}.so`, Buffer.concat([fixture, ...noise])]
}))
const inside = Object.fromEntries(Object.entries(libraries).map(([name, content]) => [`runtimes/linux-x64/native/${name}`, content]))
export const goodPackage = zip({ 'LICENSE.txt': Buffer.from('MIT'), ...inside })

/** What the server does besides what it should; a test changes it at any time. */
export interface Behaviour {
  package: Buffer
  /** SHA-512 as its catalog says. */
  hash: string
  /** By the end of a path: answer this status instead. */
  refuse: Record<string, number>
  /** After how many bytes each answer with the package is broken off; the last of them holds no more. */
  cuts: number[]
  /** Stop sending after so many bytes, and hold the connection. */
  holdAfter: number
  etag: string
  /** false: Range is not looked at. */
  ranges: boolean
  /** Answers a Range so instead: with another status, or with a part that begins elsewhere. */
  wrongRange?: 416 | 'elsewhere'
}

export interface NugetServer { feed: string; does: Behaviour; /** Paths asked for, with their Range. */ asked: string[]; close: () => void }

export async function nugetServer(): Promise<NugetServer> {
  const does: Behaviour = { package: goodPackage, hash: createHash('sha512').update(goodPackage).digest('base64'), refuse: {}, cuts: [], holdAfter: Infinity, etag: '"one"', ranges: true }
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^http:\/\/[^/]*/, '') // asked as a proxy, the whole address is there
    asked.push(`${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`)
    const refused = Object.entries(does.refuse).find(([end]) => path.endsWith(end))?.[1]
    if (refused !== undefined) response.writeHead(refused).end('no')
    else if (path.endsWith('.nupkg')) sendPackage(request, response, does)
    else sendJson(path, response, `http://${request.headers.host}`, does)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { feed: `${url}/v3/index.json`, does, asked, close: () => { server.closeAllConnections(); server.close() } }
}

function sendJson(path: string, response: ServerResponse, origin: string, does: Behaviour): void {
  const documents: Record<string, object> = {
    '/v3/index.json': { version: '3.0.0', resources: [{ '@id': `${origin}/flat/`, '@type': 'PackageBaseAddress/3.0.0' }, { '@id': `${origin}/registration`, '@type': 'RegistrationsBaseUrl/3.6.0' }] },
    [`/registration/${id}/${version}.json`]: { '@id': `${origin}${path}`, catalogEntry: `${origin}/catalog/data/one.json`, listed: true },
    '/catalog/data/one.json': { id: 'Microsoft.ML.OnnxRuntime.Gpu.Linux', version, packageHash: does.hash, packageHashAlgorithm: 'SHA512', packageSize: does.package.length },
  }
  const document = documents[path]
  if (document === undefined) response.writeHead(404).end()
  else if (path.startsWith('/registration')) response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(gzipSync(JSON.stringify(document)))
  else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(document))
}

function sendPackage(request: IncomingMessage, response: ServerResponse, does: Behaviour): void {
  if (does.wrongRange === 416 && request.headers.range) { response.writeHead(416).end(); return }
  const from = does.ranges && request.headers['if-range'] === does.etag ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
  const body = does.package.subarray(from)
  response.writeHead(from > 0 ? 206 : 200, {
    'Content-Length': body.length, 'ETag': does.etag, 'Accept-Ranges': 'bytes',
    ...(from > 0 ? { 'Content-Range': `bytes ${from + (does.wrongRange === 'elsewhere' ? 1 : 0)}-${does.package.length - 1}/${does.package.length}` } : {}),
  })
  const cut = does.cuts.shift()
  if (cut !== undefined) response.write(body.subarray(0, cut), () => { response.destroy() })
  else if (body.length > does.holdAfter) response.write(body.subarray(0, does.holdAfter))
  else response.end(body)
}
