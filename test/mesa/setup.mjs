// Gets a software GPU ready for the WebGPU tests: Mesa's lavapipe. Linux x64 only. Safe to run again, and by several at once: does nothing when it is there.
//   node test/mesa/setup.mjs              exits 1 where there is none to be had
//   node test/mesa/setup.mjs --optional   says so, and exits 0
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sourcesOf } from './aptSources.mjs'
import { driverFile, mesaDir, softwareGpu } from './paths.mjs'

/** Dawn refuses lavapipe 22.3 for what it lacks; 25.0 is the one that was tried. */
const leastVersion = 25
const libraryFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib']
const driver = 'libvulkan_lvp.so', loader = 'libvulkan.so.1'

/** False where the tests on a software GPU are left out. */
export const softwareGpuRunsHere = process.platform === 'linux' && process.arch === 'x64'

/** Mesa of bookworm-backports on Debian 12, else the system's own. Throws an Error that says in a sentence what is missing. */
export function setup() {
  if (!softwareGpuRunsHere || isReady()) return
  let reason = 'it is got from the packages of Debian 12 (bookworm) only'
  if (isBookworm()) try { return fromBackports() } catch (error) { reason = `that of Debian 12 backports could not be got: ${firstLine(error)}` }
  try { fromSystem() } catch (error) {
    rmSync(driverFile, { force: true }) // of a driver that was ready once
    throw new Error(`The WebGPU tests need Mesa's lavapipe ${leastVersion} or newer: ${reason}, and ${error.message}. Install mesa-vulkan-drivers ${leastVersion} or newer.`)
  }
}

function isReady() {
  const ready = softwareGpu()
  return ready !== undefined && ready.files.every((file) => existsSync(file) && missing(file, ready.environment).length === 0)
}

function isBookworm() {
  return existsSync('/etc/os-release') && /^VERSION_CODENAME=bookworm$/m.test(readFileSync('/etc/os-release', 'utf8')) && existsSync('/usr/bin/apt-get')
}

function fromSystem() {
  const inFolders = (name) => libraryFolders.map((folder) => join(folder, name)).find(existsSync)
  const [file, vulkan] = [inFolders(driver), inFolders(loader)]
  if (!file || !vulkan) throw new Error(`the system has no ${file ? loader : driver}`)
  const version = versionOf(file)
  if (Number.parseInt(version) < leastVersion) throw new Error(`the system's Mesa is ${version}`)
  mkdirSync(mesaDir, { recursive: true })
  describe(mesaDir, { version, source: 'system', file, vulkan })
}

/** Packages are fetched with settings and lists of their own, so apt's are left as they are, and unpacked, not installed: that needs no root. */
function fromBackports() {
  console.error('Fetching Mesa from Debian 12 backports (about 60 MB, once).')
  const scratch = mkdtempSync(join(tmpdir(), 'mesa-'))
  const partial = `${mesaDir}.partial-${process.pid}`
  try {
    const root = unpack(download(scratch), join(scratch, 'root'))
    const libraries = needed(root)
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(join(partial, 'lib'), { recursive: true })
    for (const path of libraries) copyFileSync(realpathSync(path), join(partial, 'lib', basename(path)))
    const files = { file: join(mesaDir, 'lib', driver), vulkan: join(mesaDir, 'lib', loader) }
    describe(partial, { version: versionOf(join(partial, 'lib', driver)), source: 'Debian 12 backports', ...files, libraries: join(mesaDir, 'lib') })
    // Put together beside its place and then renamed; that fails where another was faster, or where the one there is not whole.
    try { renameSync(partial, mesaDir) } catch {
      if (isReady()) return
      rmSync(mesaDir, { recursive: true, force: true })
      renameSync(partial, mesaDir)
    }
  } finally {
    for (const folder of [scratch, partial]) rmSync(folder, { recursive: true, force: true })
  }
  const lacking = softwareGpu().files.flatMap((file) => missing(file, softwareGpu().environment))
  if (lacking.length > 0) throw new Error(`the system lacks ${[...new Set(lacking)].join(', ')}`)
}

/** Downloads the driver with what this system lacks of its dependencies; gives the folder of the packages. */
function download(scratch) {
  const [source] = sourcesOf('bookworm')
  if (!source) throw new Error('apt has no source for bookworm')
  const folder = (name) => { mkdirSync(join(scratch, name), { recursive: true }); return join(scratch, name) }
  writeFileSync(join(folder('sources'), 'debian.sources'),
    `Types: deb\nURIs: ${source.uri}\nSuites: bookworm bookworm-backports\nComponents: main\n${source.signedBy ? `Signed-By: ${source.signedBy}\n` : ''}`)
  folder('lists/partial')
  folder('archives/partial')
  const settings = join(scratch, 'apt.conf')
  writeFileSync(settings, [
    `Dir::Etc::sourcelist "/dev/null";`, `Dir::Etc::sourceparts "${join(scratch, 'sources')}";`, `Dir::State::lists "${join(scratch, 'lists')}";`,
    `Dir::Cache::archives "${join(scratch, 'archives')}";`, 'Dir::Cache::pkgcache "";', 'Dir::Cache::srcpkgcache "";',
    'Debug::NoLocking "true";', 'APT::Sandbox::User "root";', 'Acquire::Languages "none";', 'Acquire::Retries "3";', 'APT::Update::Error-Mode "any";', 'APT::Install-Recommends "false";',
    // Containers empty apt's own folder of packages after each update, under the feet of whoever installs at the same time.
    '#clear APT::Update::Post-Invoke;', '#clear APT::Update::Post-Invoke-Success;', '#clear DPkg::Post-Invoke;', '#clear DPkg::Pre-Install-Pkgs;',
  ].join('\n'))
  const apt = (...words) => execFileSync('apt-get', ['-c', settings, '-qq', ...words], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  apt('update')
  apt('install', '--download-only', '-y', '--target-release', 'bookworm-backports', 'mesa-vulkan-drivers', 'libvulkan1')
  return join(scratch, 'archives')
}

/** Unpacks every package of a folder into `root`, and gives that. */
function unpack(packages, root) {
  for (const name of readdirSync(packages).filter((entry) => entry.endsWith('.deb'))) execFileSync('dpkg', ['-x', join(packages, name), root])
  return root
}

/** Driver, loader, and what they are linked to in `root`, directly or not: the system does not have it, or not in this version. */
function needed(root) {
  const folders = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((name) => join(root, name))
  const files = [driver, loader].map((name) => join(folders[0], name))
  for (const file of files) if (!existsSync(file)) throw new Error(`the packages fetched have no ${basename(file)}`)
  const linked = files.flatMap((file) => [...ldd(file, { LD_LIBRARY_PATH: folders.join(':') }).matchAll(/^\s*\S+ => (\S+)/gm)].map(([, path]) => path))
  // The C library is the one that runs already.
  return [...files, ...new Set(linked.filter((path) => folders.includes(dirname(path)) && !/^(libc|libm|libdl|librt|libpthread)\.so/.test(basename(path))))]
}

const missing = (file, environment) => [...ldd(file, environment).matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name)

function ldd(file, environment) {
  return execFileSync('ldd', [file], { env: { ...process.env, ...environment, LC_ALL: 'C' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** 25.0.7, as the driver says itself. */
function versionOf(file) {
  const version = /Mesa (\d+\.\d+\.\d+)/.exec(readFileSync(file, 'latin1'))?.[1]
  if (!version) throw new Error(`${file} does not say which Mesa it is of`)
  return version
}

/** Writes the ICD file that names the driver, and driver.json. */
function describe(folder, { version, source, file, vulkan, libraries }) {
  const icd = join(mesaDir, 'lvp_icd.json')
  writeFileSync(join(folder, basename(icd)), JSON.stringify({ file_format_version: '1.0.0', ICD: { api_version: '1.3.0', library_path: file } }))
  const environment = {
    VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd, // the second is what loaders before 1.3.207 read
    MESA_SHADER_CACHE_DIR: join(mesaDir, 'shaders'), // compiling takes most of a first run
    ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}),
  }
  const name = join(folder, basename(driverFile))
  writeFileSync(`${name}.${process.pid}`, JSON.stringify({ version, source, environment, files: [file, vulkan] }, null, 2))
  renameSync(`${name}.${process.pid}`, name)
}

/** apt's own first error, where there is one. */
function firstLine({ stderr, message }) {
  const lines = String(stderr || message).trim().split('\n')
  return (lines.find((line) => line.startsWith('E: ')) ?? lines[0]).replace(/^E: /, '').trim().replace(/\.$/, '')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setup()
    const ready = softwareGpu()
    console.error(ready && softwareGpuRunsHere ? `Software GPU: Mesa ${ready.version} lavapipe (${ready.source}).` : 'The software GPU of the tests is for Linux x64 only.')
  } catch (error) {
    console.error(error.message)
    process.exit(process.argv.includes('--optional') ? 0 : 1)
  }
}
