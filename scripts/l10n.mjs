// Texts for translators: npm run l10n [-- --check]
// Collects every t('…') of src and webview and the words of the recipe's schema in l10n/bundle.l10n.json, and moves what package.json says in English to
// package.nls.json. --check writes nothing and fails where that would change a file, or where the source has a text that is read and not translated.
import { readFileSync, readdirSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { untranslated } from './l10n/untranslated.mjs'

process.chdir(join(import.meta.dirname, '..'))
const check = process.argv.includes('--check')
const problems = []

/** Calls of t in one source: the first argument is the text itself, and its {0}, {1}, … are the arguments that follow. */
function textsOf(path) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const known = path === join('src', 'sampler', 'text.ts') || source.statements.some((statement) => ts.isImportDeclaration(statement) && /(^|\/)text$/.test(statement.moduleSpecifier.text)
    && statement.importClause?.namedBindings?.elements?.some(({ name }) => name.text === 't'))
  const texts = []
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
      const [text, ...args] = node.arguments
      const place = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
      if (text === undefined || !ts.isStringLiteralLike(text)) problems.push(`${place}: the first argument of t() is the text itself, a literal.`)
      else {
        const asked = new Set([...text.text.matchAll(/\{(\d+)\}/g)].map(([, index]) => Number(index)))
        if (!args.some(ts.isSpreadElement) && (asked.size !== args.length || args.some((_, index) => !asked.has(index)))) problems.push(`${place}: “${text.text}” is called with ${args.length} arguments.`)
        texts.push(text.text)
      }
    }
    ts.forEachChild(node, visit)
  }
  if (known) visit(source)
  return texts
}

/** What a JSON schema says to its reader: descriptions of fields and of the values of a choice. */
function wordsOf(node) {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => key === 'description' && typeof value === 'string' ? [value] : key === 'enumDescriptions' ? value : key === 'default' ? [] : wordsOf(value))
}

const sources = ['src', 'webview'].flatMap((folder) => readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(folder, name))).sort()

function bundle() {
  const texts = [...sources.flatMap(textsOf), ...wordsOf(JSON.parse(readFileSync('schemas/recipe.schema.json', 'utf8')))]
  return Object.fromEntries([...new Set(texts)].sort().map((text) => [text, text]))
}

/** Keys of package.json whose string, or strings, a user reads; `label` and `name` at one place each only. */
const readable = new Set(['displayName', 'description', 'title', 'category', 'contents', 'altText', 'markdownDescription', 'patternErrorMessage', 'enumItemLabels', 'enumDescriptions', 'markdownEnumDescriptions', 'deprecationMessage', 'markdownDeprecationMessage'])
const isReadable = (path) => readable.has(path.at(-1)) || readable.has(path.at(-2)) && /^\d+$/.test(path.at(-1)) || path[1] === 'views' && path.at(-1) === 'name'

/** A key that says where the text stands: `command.stop.title`, `setting.solver.order.enum.2`. */
function keyOf(path, at) {
  const [, kind] = path
  const word = (text) => String(text).replaceAll('dpmSolver.', '').replaceAll('+', 'p').replace(/[^\w.]/g, '_')
  const last = path.at(-1)
  switch (path[0] === 'contributes' ? kind : '') {
    case 'commands': return last === 'category' ? 'category' : `command.${word(at(path.slice(0, 3)).command)}`
    case 'views': return `view.${word(at(path.slice(0, 4)).id)}`
    case 'viewsContainers': return `viewsContainer.${word(at(path.slice(0, 4)).id)}`
    case 'viewsWelcome': {
      const { view } = at(path.slice(0, 3))
      const same = at(path.slice(0, 2)).filter((entry) => entry.view === view)
      return `viewsWelcome.${word(view)}${same.length > 1 ? `.${same.indexOf(at(path.slice(0, 3))) + 1}` : ''}`
    }
    case 'customEditors': return `customEditor.${word(at(path.slice(0, 3)).viewType)}`
    case 'walkthroughs': {
      const steps = path[3] === 'steps' ? `.${word(at(path.slice(0, 5)).id)}` : ''
      return `walkthrough.${word(at(path.slice(0, 3)).id)}${steps}.${last}`
    }
    case 'configuration': {
      if (path.length === 4) return `settings.${word(at(path).toLowerCase())}`
      const names = path.slice(4).filter((name) => name !== 'properties' && name !== 'items')
      if (/^\d+$/.test(last)) return `setting.${names.slice(0, -2).map(word).join('.')}.${path.at(-2) === 'enumItemLabels' ? 'label' : 'enum'}.${word(at(path.slice(0, -2)).enum[Number(last)])}`
      return `setting.${names.slice(0, -1).map(word).join('.')}${last === 'patternErrorMessage' ? '.pattern' : ''}`
    }
    default: return path.map(word).join('.')
  }
}

/** package.json with every readable string as %key%, written otherwise as it was, and the texts by key: those there are, and those that stood in it. */
function manifest() {
  const text = readFileSync('package.json', 'utf8')
  const root = JSON.parse(text)
  const source = ts.parseJsonText('package.json', text)
  const known = existsSync('package.nls.json') ? JSON.parse(readFileSync('package.nls.json', 'utf8')) : {}
  const at = (path) => path.reduce((value, key) => value[key], root)
  const texts = {}
  const moved = []
  const visit = (node, path) => {
    if (ts.isObjectLiteralExpression(node)) for (const property of node.properties) visit(property.initializer, [...path, property.name.text])
    else if (ts.isArrayLiteralExpression(node)) node.elements.forEach((element, index) => { visit(element, [...path, String(index)]) })
    else if (ts.isStringLiteral(node) && isReadable(path)) {
      const named = /^%(.+)%$/.exec(node.text)?.[1]
      if (named !== undefined) {
        if (known[named] === undefined) problems.push(`package.json: package.nls.json has no ${named}, which ${path.join('.')} names.`)
        else texts[named] = known[named]
        return
      }
      const key = keyOf(path, at)
      if (texts[key] !== undefined && texts[key] !== node.text) problems.push(`package.json: ${path.join('.')} and another text would both be ${key}.`)
      texts[key] = node.text
      moved.push({ from: node.getStart(source), to: node.end, key })
    }
  }
  visit(source.statements[0].expression, [])
  let written = text
  for (const { from, to, key } of moved.reverse()) written = `${written.slice(0, from)}"%${key}%"${written.slice(to)}`
  return { written, texts }
}

const { written, texts } = manifest()
const files = { 'package.json': written, 'package.nls.json': json(texts), 'l10n/bundle.l10n.json': json(bundle()) }
const stale = Object.entries(files).filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text).map(([path]) => path)
if (check) problems.push(...stale.map((path) => `${path} is out of date: run npm run l10n.`), ...sources.flatMap(untranslated).map((text) => `${text} is not inside t().`))
else if (problems.length === 0) for (const path of stale) writeFileSync(path, files[path])
for (const problem of problems) console.error(problem)
process.exit(problems.length > 0 ? 1 : 0)

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`
}
