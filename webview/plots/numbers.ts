/** A number as people read it: `digits` significant digits, a true minus sign; ±∞, and – where there is none. */
export function readable(value: number | undefined, digits = 3): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞'
  const size = Math.abs(value)
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? size.toExponential(digits - 1).replace('e+', 'e').replace('e-', 'e−') : size.toPrecision(digits).includes('e') ? size.toFixed(0) : size.toPrecision(digits)
  return size === 0 ? '0' : value < 0 ? `−${text}` : text
}
