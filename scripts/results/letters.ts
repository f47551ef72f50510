/** Five rows of three pixels for each character, as digits 0 … 7. */
const glyphs: Readonly<Record<string, string>> = {
  '0': '75557', '1': '26227', '2': '71747', '3': '71717', '4': '55711', '5': '74717', '6': '74757', '7': '71111', '8': '75757', '9': '75717', '-': '00700', '+': '02720', ' ': '00000',
  'A': '25755', 'C': '34443', 'D': '65556', 'E': '74647', 'G': '34553', 'I': '72227', 'L': '44447', 'M': '57755', 'N': '65555', 'O': '25552', 'P': '65644', 'R': '65655', 'S': '34216',
  'T': '72222', 'U': '55557', 'V': '55552',
}
const scale = 2

/** Draws a line of capitals, digits, + and −, twice as large as the pixels of its letters; `put` is told of every dark pixel. */
export function written(text: string, put: (x: number, y: number) => void): void {
  for (const [i, character] of [...text].entries()) {
    const rows = glyphs[character]
    if (rows === undefined) throw new RangeError(`there is no letter ${character}`)
    for (let y = 0; y < 5 * scale; y++) {
      for (let x = 0; x < 3 * scale; x++) if (Number(rows[Math.floor(y / scale)]) >> 2 - Math.floor(x / scale) & 1) put((4 * i) * scale + x, y)
    }
  }
}
