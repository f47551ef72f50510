const query = matchMedia('(prefers-reduced-motion: reduce)')
// Asked in every drawing, the query itself would have the page laid out before it is drawn.
let wished = query.matches
query.addEventListener('change', () => { wished = query.matches })

/** True where the user wants nothing on the page to move by itself. */
export function reducedMotion(): boolean {
  return wished || document.body.classList.contains('vscode-reduce-motion')
}
