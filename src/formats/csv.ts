/** What a cell holds; null is an empty one. */
export type Cell = string | number | null

/** A table as RFC 4180 writes it: cells separated by commas, quoted where they have to be, lines ending in CRLF. Numbers have all their digits; those that are not finite are inf, -inf and nan, which NumPy and pandas read. */
export function csv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  return [header, ...rows].map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('')
}

function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return Number.isNaN(cell) ? 'nan' : Number.isFinite(cell) ? String(cell) : cell > 0 ? 'inf' : '-inf'
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
