import tseslint from 'typescript-eslint'

/** DESIGN: sampler ← recipe ← protocol ← engine | run ← views | cli ← extension; render, formats import sampler types only. */
const folders = {
  sampler: [], recipe: ['sampler'], protocol: ['sampler', 'recipe'], render: ['sampler'], formats: ['sampler'],
  engine: ['sampler', 'recipe', 'protocol', 'render', 'formats'], run: ['sampler', 'recipe', 'protocol', 'render', 'formats'],
  views: ['sampler', 'recipe', 'protocol', 'render', 'formats', 'run', 'manifest', 'settings'],
}
const everything = ['sampler', 'recipe', 'protocol', 'render', 'formats', 'engine', 'run', 'views', 'cli', 'extension', 'settings', 'manifest']
const native = { name: 'onnxruntime-node', message: 'only engine/ may load it' }
const host = { name: 'vscode', message: 'only settings, views and extension may import it' }
const toolkit = { name: '@vscode/webview-ui-toolkit', message: 'only webview/ui/controls.ts may import it' }
/** `up`: how a path that leaves the folder begins; files at the top of src/ reach the others with ./ */
const restricted = (paths, forbidden, up = '(\\.\\./)+') => ({
  'no-restricted-imports': ['error', { paths, patterns: [{ regex: `^${up}(src/)?(${forbidden.join('|')})(/|$)`, message: 'against the import rule in CONTRIBUTING.md' }] }],
})

/** Tensors that stay on the GPU: getData() of one ends the process, a CPU session reads its handle as numbers, and the copies they save take a hundredth of an evaluation. */
const onGpu = ['Identifier', 'Literal'].map((node) => ({
  selector: `${node}[${node === 'Literal' ? 'value' : 'name'}=/^(preferredOutputLocation|fromGpuBuffer|getData|gpu-buffer)$/]`, message: 'tensors stay on the CPU: see CONTRIBUTING.md',
}))

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.vscode-host/', 'artifacts/', 'samples/', '**/*.mjs', 'test/vscode-host/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './webview/tsconfig.json', './test/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-expressions': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      'eqeqeq': 'error', 'no-console': 'error', 'prefer-const': 'error',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'no default exports' }, { selector: 'TSEnumDeclaration', message: 'string-literal unions instead of enums' }, ...onGpu],
    },
  },
  ...Object.entries(folders).map(([folder, allowed]) => ({
    files: [`src/${folder}/**/*.ts`],
    rules: restricted([...(folder === 'engine' ? [] : [native]), ...(folder === 'views' ? [] : [host]), toolkit], everything.filter((other) => other !== folder && !allowed.includes(other))),
  })),
  { files: ['src/cli.ts', 'src/cli/**/*.ts', 'src/manifest.ts'], rules: restricted([native, host, toolkit], ['views', 'extension'], '\\.{1,2}/') },
  { files: ['src/extension.ts', 'src/settings.ts'], rules: restricted([native, toolkit], ['engine', 'cli'], '\\./') },
  { files: ['webview/**/*.ts'], ignores: ['webview/ui/controls.ts'], rules: restricted([native, host, toolkit], ['engine', 'run', 'views', 'cli', 'extension', 'settings', 'formats(?!/csv$)']) },
  { files: ['src/cli.ts', 'scripts/**', 'test/**'], rules: { 'no-console': 'off' } },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
  { files: ['src/schemas.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
)
