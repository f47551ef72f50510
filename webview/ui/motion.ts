/** Whether the system wishes for less motion. Asked in every drawing, the query itself would have the page laid out before it is drawn. */
let wished: boolean | undefined

function watch(): boolean {
  const query = matchMedia('(prefers-reduced-motion: reduce)')
  query.addEventListener('change', () => { wished = query.matches })
  return query.matches
}

/** True where the user wants nothing on the page to move by itself. */
export function reducedMotion(): boolean {
  wished ??= watch()
  return wished || document.body.classList.contains('vscode-reduce-motion')
}
