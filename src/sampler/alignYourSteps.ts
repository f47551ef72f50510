/**
 * σ/α of the steps that Sabour et al. (2024, "Align Your Steps", arXiv 2404.14507) found for three models, noisiest first, the lowest σ last:
 * ten steps each, to be interpolated log-linearly for other numbers.
 */
export const alignYourSteps = {
  sd15: [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
  sdxl: [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029],
  svd: [700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002],
} as const satisfies Readonly<Record<string, readonly number[]>>
