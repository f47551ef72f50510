import text from './later.css?text'

/** The style of what the planner draws comes with it. */
export function addLaterStyle(): void {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}
