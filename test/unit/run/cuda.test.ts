import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { findPackage } from '../../../src/run/cuda/feed'
import { install, remove, type Installing } from '../../../src/run/cuda/install'
import { installedFolder, isInstalled } from '../../../src/run/cuda/providerFiles'
import { folderWith, newFolder } from '../engine/testModels'
import { goodPackage, libraries, nugetServer, version, zip, type NugetServer } from './nugetServer'

const never = new AbortController().signal

async function serverFor(t: TestContext): Promise<NugetServer> {
  const server = await nugetServer()
  t.after(() => { server.close() })
  return server
}

/** Looks the package up and installs it. */
async function installFrom(server: NugetServer, folder: string, more: Partial<Installing> = {}): Promise<void> {
  const signal = more.signal ?? never
  await install(await findPackage(server.feed, version, signal), { folder, version, signal, progress: () => {}, pauseMs: 1, ...more })
}

function assertInstalled(folder: string): void {
  const place = installedFolder(folder, version)
  assert.deepEqual(Object.fromEntries(readdirSync(place).map((name) => [name, digest(readFileSync(join(place, name)))])), Object.fromEntries(Object.entries(libraries).map(([name, bytes]) => [name, digest(bytes)])))
  assert.deepEqual(readdirSync(folder), [version], 'nothing else is left')
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const part = (folder: string): string => join(folder, `Microsoft.ML.OnnxRuntime.Gpu.Linux.${version}.nupkg.part`)
const packages = ({ asked }: NugetServer): string[] => asked.filter((path) => path.includes('.nupkg'))
/** A DpmError of the installation. */
const refusal = (message: RegExp, advice = /./) => ({ reason: 'providerUnavailable', message, advice, remedy: { title: 'Install CUDA Runtime…', command: 'installCudaRuntime' } })

suite('installing the CUDA Runtime', () => {
  test('asks index, registration and catalog, fetches the package once and leaves exactly the libraries', async (t) => {
    const server = await serverFor(t)
    const folder = join(newFolder(), 'cuda')
    const seen: number[] = []
    await installFrom(server, folder, { progress: (bytes, of) => { seen.push(bytes); assert.equal(of, goodPackage.length) } })
    assertInstalled(folder)
    assert.deepEqual(server.asked, ['/v3/index.json', `/registration/microsoft.ml.onnxruntime.gpu.linux/${version}.json`, '/catalog/data/one.json',
      `/flat/microsoft.ml.onnxruntime.gpu.linux/${version}/microsoft.ml.onnxruntime.gpu.linux.${version}.nupkg`])
    assert.equal(seen.at(-1), goodPackage.length)
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b))
    await installFrom(server, folder) // over what is there
    assertInstalled(folder)
  })

  test('begins anew where the server does not go on from the part that is there', async (t) => {
    for (const wrongRange of [416, 'elsewhere'] as const) {
      const server = await serverFor(t)
      server.does.cuts = [20_000]
      server.does.wrongRange = wrongRange
      const folder = newFolder()
      await installFrom(server, folder)
      assertInstalled(folder)
      const [first, second, third] = packages(server).map((path) => Number(/bytes=(\d+)-/.exec(path)?.[1] ?? 0))
      assert.deepEqual([first, second! > 0, third], [0, true, 0])
    }
  })

  test('goes on where a connection was cut, as often as it brings something', async (t) => {
    const server = await serverFor(t)
    server.does.cuts = [20_000, 30_000, 1]
    const folder = newFolder()
    await installFrom(server, folder)
    assertInstalled(folder)
    const ranges = packages(server).map((path) => Number(/bytes=(\d+)-/.exec(path)?.[1] ?? 0))
    console.log(`${goodPackage.length} bytes in ${ranges.length} requests from ${ranges.join(', ')}`)
    assert.equal(ranges.length, 4)
    assert.deepEqual([...new Set(ranges)].sort((a, b) => a - b), ranges, 'each goes on behind the one before')
  })

  test('cancelled, it keeps what came, and the next time goes on from there', async (t) => {
    const server = await serverFor(t)
    server.does.holdAfter = 40_000
    const folder = newFolder()
    const cancelled = new AbortController()
    await assert.rejects(installFrom(server, folder, { signal: cancelled.signal, progress: (bytes) => { if (bytes === 40_000) cancelled.abort() } }), { name: 'AbortError' })
    assert.equal(isInstalled(folder, version), false)
    assert.equal(statSync(part(folder)).size, 40_000)
    server.does.holdAfter = Infinity
    await installFrom(server, folder)
    assert.match(packages(server).at(-1)!, / bytes=40000-$/)
    assertInstalled(folder)
  })

  test('a package that changed on the server, or a server without ranges, is fetched from the start', async (t) => {
    for (const change of [{ etag: '"two"' }, { ranges: false }]) {
      const server = await serverFor(t)
      server.does.holdAfter = 40_000
      const folder = newFolder()
      const cancelled = new AbortController()
      await assert.rejects(installFrom(server, folder, { signal: cancelled.signal, progress: (bytes) => { if (bytes === 40_000) cancelled.abort() } }))
      Object.assign(server.does, change, { holdAfter: Infinity })
      await installFrom(server, folder)
      assertInstalled(folder)
    }
  })

  test('a part of another package is not gone on from', async (t) => {
    const server = await serverFor(t)
    const folder = folderWith({ [part('')]: 'something else', [`${part('')}.json`]: { url: 'http://elsewhere', bytes: 14, sha512: '', tag: '"one"' } })
    await installFrom(server, folder)
    assert.doesNotMatch(packages(server)[0]!, /bytes=/)
    assertInstalled(folder)
  })

  test('what the catalog’s SHA-512 does not fit is refused and removed', async (t) => {
    const server = await serverFor(t)
    const right = server.does.hash
    server.does.hash = createHash('sha512').update('another').digest('base64')
    const folder = newFolder()
    await assert.rejects(installFrom(server, folder), refusal(/SHA-512 differs/))
    assert.deepEqual(readdirSync(folder), [])
    server.does.hash = right
    await installFrom(server, folder)
    assertInstalled(folder)
  })

  test('a package that lacks a library, is no zip archive, or has a damaged entry leaves nothing installed', async (t) => {
    const server = await serverFor(t)
    const damaged = Buffer.from(goodPackage)
    const central = damaged.lastIndexOf('runtimes/linux-x64/native/libonnxruntime_providers_cuda.so')
    damaged[central - 30]! ^= 1 // its CRC-32
    for (const [bytes, message] of [[zip({ 'a.txt': Buffer.from('a') }), /has no runtimes\/linux-x64\/native\/libonnxruntime_providers_shared\.so/], [Buffer.from('<html>'), /cannot be unpacked: /], [damaged, /libonnxruntime_providers_cuda\.so is damaged/]] as const) {
      server.does.package = bytes
      server.does.hash = createHash('sha512').update(bytes).digest('base64')
      const folder = newFolder()
      await assert.rejects(installFrom(server, folder), refusal(message))
      assert.equal(isInstalled(folder, version), false)
      assert.deepEqual(readdirSync(folder).filter((name) => !name.startsWith('Microsoft')), [])
    }
  })

  test('what the feed does not have or say is told with its host and status', async (t) => {
    for (const [path, status, message] of [['index.json', 404, /127\.0\.0\.1:\d+ answered with HTTP 404/], [`${version}.json`, 404, /HTTP 404/], ['one.json', 500, /HTTP 500/], ['.nupkg', 403, /HTTP 403/]] as const) {
      const server = await serverFor(t)
      server.does.refuse = { [path]: status }
      await assert.rejects(installFrom(server, newFolder()), refusal(message), path)
    }
    const silent = await serverFor(t)
    silent.does.hash = ''
    await assert.rejects(installFrom(silent, newFolder()), refusal(/has no SHA-512 and size/))
    silent.close()
    await assert.rejects(installFrom(silent, newFolder()), refusal(/cannot be reached: .*ECONNREFUSED/))
  })

  test('a connection that brings nothing any more is given up, and what came is kept', async (t) => {
    const server = await serverFor(t)
    server.does.cuts = [50_000, ...Array<number>(20).fill(0)]
    const folder = newFolder()
    await assert.rejects(installFrom(server, folder), refusal(/broke after 50\.0 kB of /, /kept/))
    assert.equal(statSync(part(folder)).size, 50_000)
  })

  test('no room on the disk is said before the download, and when it fills up meanwhile', async (t) => {
    const server = await serverFor(t)
    const folder = newFolder()
    await assert.rejects(installFrom(server, folder, { free: () => Promise.resolve(1000) }), refusal(/has room for 1\.0 kB, and \d+\.\d kB are needed/))
    assert.deepEqual(packages(server), [])
    let room = goodPackage.length
    await assert.rejects(installFrom(server, folder, { free: () => Promise.resolve(room--) }), refusal(/has room for/))
    assert.equal(isInstalled(folder, version), false)
    await installFrom(server, folder)
    assert.equal(packages(server).length, 1, 'the package was there')
    assertInstalled(folder)
    if (process.platform !== 'linux') return
    const full = newFolder()
    symlinkSync('/dev/full', part(full))
    await assert.rejects(installFrom(server, full), refusal(/the disk is full at /, /Make room/))
    assert.equal(isInstalled(full, version), false)
  })

  test('a folder that cannot be made or written is named', async (t) => {
    const server = await serverFor(t)
    const file = join(folderWith({ file: 'a file' }), 'file')
    await assert.rejects(installFrom(server, join(file, 'cuda')), refusal(/file\/cuda cannot be written: ENOTDIR/))
    assert.deepEqual(packages(server), [])
  })

  test('of two windows one installs and the other is told so; the lock of a window that is gone holds nobody up', async (t) => {
    const server = await serverFor(t)
    server.does.holdAfter = 10_000
    const folder = newFolder()
    const cancelled = new AbortController()
    let begun = (): void => {}
    const holding = new Promise<void>((resolve) => { begun = resolve })
    const first = installFrom(server, folder, { signal: cancelled.signal, progress: (bytes) => { if (bytes === 10_000) begun() } })
    await holding
    await assert.rejects(installFrom(server, folder), refusal(/another window/))
    await assert.rejects(remove(folder), refusal(/another window/))
    cancelled.abort()
    await assert.rejects(first, { name: 'AbortError' })
    server.does.holdAfter = Infinity
    writeFileSync(join(folder, 'lock'), '4194305') // beyond the numbers that Linux gives
    await installFrom(server, folder)
    assertInstalled(folder)
    writeFileSync(join(folder, 'lock'), String(process.pid)) // the number was given again
    utimesSync(join(folder, 'lock'), new Date(0), new Date(0))
    await installFrom(server, folder)
    assertInstalled(folder)
  })

  test('removing takes everything away, also where there is nothing', async (t) => {
    const server = await serverFor(t)
    const folder = join(newFolder(), 'cuda')
    await remove(folder)
    await installFrom(server, folder)
    writeFileSync(part(folder), 'half')
    mkdirSync(join(folder, '1.29.0'))
    await remove(folder)
    assert.equal(existsSync(folder), false)
  })

  test('another version’s libraries go when these are there', async (t) => {
    const server = await serverFor(t)
    const folder = folderWith({ '1.29.0/libonnxruntime_providers_cuda.so': 'old', 'runtime-0/node_modules/x': 'in use' })
    await installFrom(server, folder)
    assert.deepEqual(readdirSync(folder), [version, 'runtime-0'])
  })
})
