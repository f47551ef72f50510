import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** Properties whose text a user reads, were it one word. */
const shown = new Set(['message', 'advice', 'title', 'label', 'description', 'detail', 'tooltip', 'placeHolder', 'placeholder', 'prompt', 'openLabel', 'saveLabel', 'about'])
/** What is called with words for the log, for who mends this program, or for a machine. */
const notForUsers = /(^|\.)(log|trace|debug|info|warn|error|onGarbage|problem|closest|matches|querySelector(All)?|matchMedia|toDateString|Symbol|RangeError|TypeError|SyntaxError|Error)$/
/** Attributes that are read out or shown; others hold names. */
const readAttributes = /\s(?:title|aria-label|placeholder|alt|aria-description|aria-valuetext)="([^"]*)"/g
/** What stands in the source as it is in every language. */
const sameEverywhere = [
  /^(DPM-Solver|DPM-Solver\+\+ \((2S\) ancestral|SDE\))|(DPM2|Euler) ancestral|Euler|Euler–Maruyama|Heun|Gaussian( mixture 2-D)?|Align Your Steps|Core ML|PyTorch, (CPU|CUDA)|λ, log σ, α, t|ONNX Runtime \{\}, Node \{\}, \{\}|NaN)$/, // names
  /^(https?:|<!DOCTYPE|<script |img-src |no tensor$|model used$|linspace with one more$|Engine Info\.md$|found while it runs$|plots unseen$|<\?xml |the planner could not be loaded: )/, // for machines, file formats and the log
]
/** Files whose words are of a file format, or are documentation of the source. */
const otherFiles = /^src\/(cli\/|cli\.ts|recipe\/infotext\.ts|sampler\/compat\.ts)/

const oneWord = (text) => /[A-Za-z]{2,}/.test(text)
const sentence = (text) => /[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}/.test(text)

/** Texts of a source that a user would read in English in every language: `path:line "text"`. A page's text is what stands between its tags. */
export function untranslated(path) {
  if (otherFiles.test(path)) return []
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const found = []
  const tell = (node, text) => {
    const plain = text.replace(/\$\([\w~-]+\)|&\w+;/g, '').trim() // no $(icon) and no entity
    if (oneWord(plain) && !sameEverywhere.some((pattern) => pattern.test(plain))) found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${JSON.stringify(text)}`)
  }
  const visit = (node, isShown = false) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isTaggedTemplateExpression(node)) return visitMarkup(node)
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const called = node.expression.getText(source)
      if (called === 't' || called === 'schemaText') return node.arguments.slice(1).forEach((one) => { visit(one) })
      if (notForUsers.test(called)) return
    }
    if (ts.isPropertyAssignment(node)) return visit(node.initializer, shown.has(node.name.text))
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return visitText(node, isShown)
    const passesOn = ts.isConditionalExpression(node) || ts.isParenthesizedExpression(node) || ts.isArrayLiteralExpression(node) || ts.isBinaryExpression(node) && ['??', '||'].includes(node.operatorToken.getText(source))
    ts.forEachChild(node, (child) => { visit(child, isShown && passesOn) })
  }
  const visitText = (node, isShown) => {
    const spans = ts.isTemplateExpression(node) ? node.templateSpans : []
    const text = ts.isTemplateExpression(node) ? [node.head.text, ...spans.map(({ literal }) => literal.text)].join('{}') : node.text
    const compared = ts.isBinaryExpression(node.parent) && /^[!=]==$/.test(node.parent.operatorToken.getText(source)) || ts.isCaseClause(node.parent) || ts.isElementAccessExpression(node.parent)
    if (!compared && (sentence(text) || isShown && (/^[A-Z][a-z]+$/.test(text) || oneWord(text) && !/^[\w$.{}-]+$/.test(text)))) tell(node, text)
    for (const { expression } of spans) visit(expression)
  }
  /** html`…`: texts and attributes that are read. */
  const visitMarkup = ({ template }) => {
    const spans = ts.isTemplateExpression(template) ? template.templateSpans : []
    const parts = ts.isTemplateExpression(template) ? [template.head.text, ...spans.map(({ literal }) => literal.text)] : [template.text]
    // A span inside a tag stands for a value, one outside for what is drawn there.
    const markup = parts.join('\u0001')
    for (const text of markup.replace(/<[^>]*>/g, '\n').split(/[\n\u0001]/)) tell(template, text)
    for (const [, text] of markup.matchAll(readAttributes)) tell(template, text)
    spans.forEach(({ expression }, i) => { if (!/\s(class|id|d|style|href|for|data-[\w-]+)="?[^"<>]*$/.test(parts[i])) visit(expression) })
  }
  visit(source)
  return found
}
