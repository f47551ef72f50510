// Bundles host, engine, command line, page, scripts and tests into dist/.   node esbuild.mjs [--watch] [--production]
import { build, context } from 'esbuild'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

const require = createRequire(import.meta.url)
const production = process.argv.includes('--production')
const watch = process.argv.includes('--watch')
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** `import validate from 'x.schema.json?validator'`: ajv's checking function for that schema as plain code, so that neither ajv nor eval ships. */
const schemaValidator = {
  name: 'schema-validator',
  setup(plugin) {
    plugin.onResolve({ filter: /\.schema\.json\?validator$/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.replace(/\?validator$/, '')), namespace: 'schema-validator',
    }))
    plugin.onLoad({ filter: /.*/, namespace: 'schema-validator' }, (args) => {
      const Ajv = require('ajv').default
      const standalone = require('ajv/dist/standalone').default
      const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true, code: { source: true, esm: false } })
      const validate = ajv.compile(JSON.parse(readFileSync(args.path, 'utf8')))
      return { contents: standalone(ajv, validate), loader: 'js', resolveDir: dirname(require.resolve('ajv/package.json')), watchFiles: [args.path] }
    })
  },
}

const shared = {
  bundle: true, target: 'es2022', logLevel: 'warning', sourcemap: !production, minify: production, legalComments: 'none',
  define: { 'process.env.DPM_VERSION': JSON.stringify(version) }, plugins: [schemaValidator],
}
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode', 'onnxruntime-node', 'mocha', 'playwright-core', '@vscode/test-electron'] }
const page = { ...shared, platform: 'browser', format: 'iife' }

const filesIn = (folder, ending) => readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => join(folder, name))
const tests = production ? [] : [
  { ...node, entryPoints: filesIn('test/unit', '.test.ts'), outdir: 'dist/test/unit', outbase: 'test/unit' },
  { ...node, entryPoints: filesIn('test/host', '.ts'), outdir: 'dist/test/host', outbase: 'test/host' },
  { ...node, entryPoints: filesIn('scripts', '.ts').filter((path) => dirname(path) === 'scripts'), outdir: 'dist/scripts', outbase: 'scripts' },
].filter((options) => options.entryPoints.length > 0)

const bundles = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', metafile: true },
  { ...node, entryPoints: ['src/engine/main.ts'], outfile: 'dist/engine.js' },
  { ...node, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  { ...page, entryPoints: { webview: 'webview/main.ts' }, outdir: 'dist', metafile: true },
  { ...page, entryPoints: { webview: 'webview/style.css' }, outdir: 'dist' },
  ...tests,
]

if (watch) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch()
} else {
  const results = await Promise.all(bundles.map((options) => build(options)))
  for (const { metafile } of results) {
    for (const [path, output] of Object.entries(metafile?.outputs ?? {})) {
      if (path.endsWith('.js')) console.error(`${relative('.', path)}  ${(output.bytes / 1000).toFixed(1)} kB`)
    }
  }
}
