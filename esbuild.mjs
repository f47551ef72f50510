// Bundles host, engine, command line, page, scripts and tests into dist/. Says what it does on stderr only.
//   node esbuild.mjs                build for development, tests included
//   node esbuild.mjs --if-needed    the same, but nothing where no source is newer than the last build
//   node esbuild.mjs --watch        build again on every change
//   node esbuild.mjs --production   what ships: minified, no source maps, no tests; fails where a bundle breaks its budget
//   node esbuild.mjs --sizes        print the sizes of the production bundles in bytes as JSON, write nothing
import { build, context } from 'esbuild'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

process.chdir(import.meta.dirname)
const require = createRequire(import.meta.url)
const [ifNeeded, watch, sizesOnly] = ['--if-needed', '--watch', '--sizes'].map((flag) => process.argv.includes(flag))
const production = sizesOnly || process.argv.includes('--production')
const stamp = 'dist/.built'
/** What the host loads later: the door.ts of each folder requires its late.ts, which becomes dist/NAME.js, with the first call. */
const hostParts = Object.entries(JSON.parse(readFileSync('hostParts.json', 'utf8'))).map(([name, part]) => ({ name, ...part }))
/** Largest size of what ships, in bytes: what host and page load when they start, and what they load later, when it is first needed. */
const budgets = { host: 150_000, ...Object.fromEntries(hostParts.map(({ name, budget }) => [name, budget])), page: 250_000, pageLater: 250_000, pageWebm: 100_000 }

/** A schema without what says nothing of which values are right: ajv's function has the whole schema inside. */
function withoutWords({ $schema, title, description, default: fallback, enumDescriptions, ...rules }) {
  return mapped(rules, withoutWords)
}

/** What a schema allows, and by which names: of a value that is described as “name: description” the name. */
function rulesOf({ $schema, title, description, enumDescriptions = [], ...rules }) {
  const names = enumDescriptions.map((text) => text.split(': ')[0])
  return mapped(enumDescriptions.length > 0 && enumDescriptions.every((text) => text.includes(': ')) ? { ...rules, enumNames: names } : rules, rulesOf)
}

/** What a schema says of each field and group, by dotted path: its description and those of its values. */
function wordsOf({ description, enumDescriptions, properties = {} }, path = '') {
  const own = path === '' ? {} : { [path]: { description, enumDescriptions } }
  return Object.assign(own, ...Object.entries(properties).map(([name, node]) => wordsOf(node, path === '' ? name : `${path}.${name}`)))
}

function mapped(schema, change) {
  if (schema.properties) schema.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, node]) => [name, change(node)]))
  if (schema.anyOf) schema.anyOf = schema.anyOf.map(change)
  if (schema.items) schema.items = change(schema.items)
  return schema
}

/** `import rules from 'x.schema.json?rules'` and `import words from 'x.schema.json?words'`: a schema in two parts, for what it allows is asked before what it says. */
const schemaParts = {
  name: 'schema-parts',
  setup(plugin) {
    for (const [part, take] of Object.entries({ rules: rulesOf, words: wordsOf })) {
      const [ending, namespace] = [`?${part}`, `schema-${part}`]
      plugin.onResolve({ filter: new RegExp(`\\.schema\\.json\\${ending}$`) }, (args) => ({ path: resolve(args.resolveDir, args.path.slice(0, -ending.length)), namespace }))
      plugin.onLoad({ filter: /.*/, namespace }, (args) => ({ contents: JSON.stringify(take(JSON.parse(readFileSync(args.path, 'utf8')))), loader: 'json', watchFiles: [args.path] }))
    }
  },
}

/** `import validate from 'x.schema.json?validator'`: ajv's checking function for that schema as plain code, so that neither ajv nor eval ships. It says where a value is wrong and nothing more: what it must be is said in the product's own words. */
const schemaValidator = {
  name: 'schema-validator',
  setup(plugin) {
    plugin.onResolve({ filter: /\.schema\.json\?validator$/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.replace(/\?validator$/, '')), namespace: 'schema-validator',
    }))
    plugin.onLoad({ filter: /.*/, namespace: 'schema-validator' }, (args) => {
      const Ajv = require('ajv').default
      const standalone = require('ajv/dist/standalone').default
      const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, messages: false, code: { source: true, esm: false } })
      const validate = ajv.compile(withoutWords(JSON.parse(readFileSync(args.path, 'utf8'))))
      const contents = standalone(ajv, validate).replace(/,schemaPath:"[^"]*",keyword:"[^"]*",params:\{(?:"(?:[^"\\]|\\.)*"|[^{}"])*\}/g, '')
      return { contents, loader: 'js', resolveDir: dirname(require.resolve('ajv/package.json')), watchFiles: [args.path] }
    })
  },
}

/** `import style from 'x.css?text'`: a style sheet, with those that it imports, as the text of one: for what a script brings along that is loaded later. */
const styleText = {
  name: 'style-text',
  setup(plugin) {
    plugin.onResolve({ filter: /\.css\?text$/ }, (args) => ({ path: resolve(args.resolveDir, args.path.replace(/\?text$/, '')), namespace: 'style-text' }))
    plugin.onLoad({ filter: /.*/, namespace: 'style-text' }, async ({ path }) => {
      const { outputFiles, metafile } = await build({ entryPoints: [path], bundle: true, minify: production, write: false, metafile: true })
      return { contents: outputFiles[0].text, loader: 'text', watchFiles: Object.keys(metafile.inputs).map((file) => resolve(file)) }
    })
  },
}

/** Leaves the parts of the host that are loaded later out of the file that requires them. */
const later = Object.fromEntries(hostParts.map(({ name, folder }) => [resolve(folder), `./${name}.js`]))
const partsLater = {
  name: 'parts-later',
  setup(plugin) {
    plugin.onResolve({ filter: /^\.\/late$/ }, ({ kind, resolveDir }) => kind === 'require-call' ? { path: later[resolveDir], external: true } : undefined)
  },
}

/** For the watch task's problem matcher (.vscode/tasks.json): one start and one end for all bundles together, one line an error. */
let building = 0
const watchReport = {
  name: 'watch-report',
  setup(plugin) {
    plugin.onStart(() => { if (building++ === 0) console.error('[watch] build started') })
    plugin.onEnd(({ errors }) => {
      for (const { text, location } of errors) console.error(`${location?.file ?? ''}:${location?.line ?? 1}:${(location?.column ?? 0) + 1}: error: ${text}`)
      if (--building === 0) console.error('[watch] build finished')
    })
  },
}

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const shared = {
  bundle: true, target: 'es2022', logLevel: watch ? 'silent' : 'warning', sourcemap: !production, minify: production, legalComments: 'none', metafile: true,
  define: { 'process.env.DPM_VERSION': JSON.stringify(version) }, plugins: [schemaValidator, schemaParts, ...(watch ? [watchReport] : [])],
}
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode', 'onnxruntime-node', 'mocha', 'playwright-core', 'axe-core', '@vscode/test-electron'] }
const browser = { ...shared, platform: 'browser', outdir: 'dist', plugins: [...shared.plugins, styleText] }

const filesIn = (folder, ending) => (existsSync(folder) ? readdirSync(folder, { recursive: true }) : []).filter((name) => name.endsWith(ending)).map((name) => join(folder, name))
const tests = production ? [] : [
  { ...node, entryPoints: filesIn('test/unit', '.test.ts'), outdir: 'dist/test/unit', outbase: 'test/unit' },
  { ...node, entryPoints: filesIn('test/webview', '.test.ts'), outdir: 'dist/test/webview', outbase: 'test/webview' },
  { ...node, entryPoints: [...filesIn('test/host', '.test.ts'), ...filesIn('test/host', 'index.ts')], outdir: 'dist/test/host', outbase: 'test/host' },
  { ...node, entryPoints: [...filesIn('scripts', '.ts').filter((path) => dirname(path) === 'scripts'), ...filesIn('scripts/bench', 'inHost.ts'), ...filesIn('scripts/results', 'worker.ts'), ...filesIn('scripts/soak', 'inEngine.ts')], outdir: 'dist/scripts', outbase: 'scripts' },
].filter((options) => options.entryPoints.length > 0)

const bundles = [
  ...[{ name: 'extension', entry: 'src/extension.ts' }, ...hostParts.map(({ name, folder }) => ({ name, entry: `${folder}/late.ts` }))].map(({ name, entry }) => (
    { ...node, entryPoints: [entry], outfile: `dist/${name}.js`, plugins: [...shared.plugins, partsLater] }
  )),
  { ...node, entryPoints: ['src/engine/main.ts'], outfile: 'dist/engine.js' },
  { ...node, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  // What the page imports with import() becomes webview-NAME.js, what that has in common with the rest webview-chunk.js.
  { ...browser, entryPoints: { webview: 'webview/main.ts' }, format: 'esm', splitting: true, chunkNames: 'webview-[name]' },
  { ...browser, entryPoints: { webview: 'webview/style.css' } },
  ...tests,
]

/** True where a source, or a folder that lost one, is newer than the last development build. */
function outOfDate() {
  if (!existsSync(stamp)) return true
  const built = statSync(stamp).mtimeMs
  const newer = (path) => existsSync(path) && statSync(path).mtimeMs > built
  const folders = ['src', 'webview', 'schemas', 'scripts', 'test/unit', 'test/webview', 'test/host']
  return ['package.json', 'esbuild.mjs', 'hostParts.json', 'node_modules/.package-lock.json', ...folders].some(newer)
    || folders.some((folder) => existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => newer(join(folder, name))))
}

/** The bundle at a path with those that it imports at once. */
function startOf(outputs, path) {
  const loaded = new Set([path])
  for (const file of loaded) for (const { kind, path: other } of outputs[file].imports) if (kind === 'import-statement') loaded.add(other)
  return [...loaded]
}

/**
 * @returns {Record<string, number>} bytes of what ships, by the names of `budgets`; throws where one is broken or React came along (the toolkit has it as a peer).
 */
function sizes(results) {
  const outputs = Object.assign({}, ...results.map(({ metafile }) => metafile.outputs))
  const bytesOf = (paths) => paths.reduce((sum, path) => sum + outputs[path].bytes, 0)
  const scripts = Object.keys(outputs).filter((path) => /^dist\/webview.*\.js$/.test(path))
  const webm = 'dist/webview-webm.js'
  const atOnce = startOf(outputs, 'dist/webview.js')
  const bytes = {
    host: bytesOf(['dist/extension.js']), ...Object.fromEntries(hostParts.map(({ name }) => [name, bytesOf([`dist/${name}.js`])])),
    page: bytesOf([...atOnce, 'dist/webview.css']), pageLater: bytesOf(scripts.filter((path) => !atOnce.includes(path) && path !== webm)), pageWebm: bytesOf([webm]),
  }
  for (const [name, limit] of Object.entries(budgets)) {
    if (bytes[name] > limit) throw new Error(`${name}: the bundle has ${bytes[name]} bytes, more than its ${limit}.`)
  }
  const react = scripts.flatMap((path) => Object.keys(outputs[path].inputs)).find((path) => /node_modules\/(react|react-dom|scheduler)\//.test(path))
  if (react) throw new Error(`React must not reach the page, but ${react} did.`)
  return bytes
}

/** The libraries that were really bundled, with their licence texts: what their licences ask to go along. */
function notices(results) {
  const inputs = results.flatMap(({ metafile }) => Object.values(metafile.outputs)).flatMap((output) => Object.entries(output.inputs)).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const folders = new Set(inputs.map(([path]) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean))
  return [...folders].sort().map((folder) => {
    const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const source = typeof repository === 'string' ? repository : repository?.url
    return `${name} ${version} (${license})${source ? `\nIts source: ${source.replace(/^git\+/, '')}` : ''}\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : 'No licence text in the package.'}\n`
  }).join(`\n${'-'.repeat(80)}\n\n`)
}

/** Removes bundles of tests and scripts that are no longer there. */
function sweep(results) {
  const kept = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.outputs)).map((path) => resolve(path)))
  for (const path of [...filesIn('dist/test', '.js'), ...filesIn('dist/scripts', '.js')]) {
    if (!kept.has(resolve(path))) for (const stale of [path, `${path}.map`]) rmSync(stale, { force: true })
  }
}

async function run() {
  if (ifNeeded && !outOfDate()) return
  if (watch) {
    for (const options of bundles) await (await context(options)).watch()
    return
  }
  const began = new Date()
  const results = await Promise.all(bundles.map((options) => build({ ...options, write: !sizesOnly })))
  if (sizesOnly) console.log(JSON.stringify(sizes(results)))
  else if (production) {
    const bytes = sizes(results)
    writeFileSync('dist/third-party-notices.txt', notices(results))
    const kB = (name) => `${(bytes[name] / 1000).toFixed(1)} kB`
    console.error(`host ${kB('host')}, later ${hostParts.map(({ name, holds }) => `${kB(name)} (${holds})`).join(', ')}; page ${kB('page')}, later ${kB('pageLater')} and for WebM ${kB('pageWebm')}`)
    rmSync(stamp, { force: true }) // the next development build starts afresh
  } else {
    sweep(results)
    writeFileSync(stamp, began.toISOString())
    // A source saved while the build ran is newer than the stamp.
    utimesSync(stamp, began, began)
  }
}

// esbuild has already told what is wrong with a source.
await run().catch((error) => { if (!error.errors) console.error(error.message); process.exit(1) })
