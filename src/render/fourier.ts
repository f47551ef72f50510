/** Transforms `re` + i·`im` in place: X[k] = Σ x[j] exp(−2πi jk/n). */
export type Transform = (re: Float64Array, im: Float64Array) => void

/** The discrete Fourier transform of any length n ≥ 1, in O(n log n): Cooley and Tukey's for powers of two, Bluestein's (1970) otherwise. */
export function fourier(n: number): Transform {
  return (n & (n - 1)) === 0 ? radix2(n) : bluestein(n)
}

function radix2(n: number): Transform {
  const cos = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos(2 * Math.PI * k / n))
  const sin = Float64Array.from({ length: n / 2 }, (_, k) => Math.sin(2 * Math.PI * k / n))
  const reversed = new Uint32Array(n)
  for (let i = 1; i < n; i++) reversed[i] = reversed[i >> 1]! >> 1 | (i & 1 ? n >> 1 : 0)
  return (re, im) => {
    for (let i = 0; i < n; i++) {
      const j = reversed[i]!
      if (j > i) {
        [re[i], re[j]] = [re[j]!, re[i]!];
        [im[i], im[j]] = [im[j]!, im[i]!]
      }
    }
    for (let half = 1; half < n; half *= 2) {
      const stride = n / (2 * half)
      for (let start = 0; start < n; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [a, b] = [start + k, start + k + half]
          const [c, s] = [cos[k * stride]!, sin[k * stride]!]
          const tr = re[b]! * c + im[b]! * s
          const ti = im[b]! * c - re[b]! * s
          re[b] = re[a]! - tr
          im[b] = im[a]! - ti
          re[a]! += tr
          im[a]! += ti
        }
      }
    }
  }
}

/** jk = (j² + k² − (k − j)²)/2 makes the sum a convolution with a chirp, which powers of two can do. */
function bluestein(n: number): Transform {
  const m = 2 ** Math.ceil(Math.log2(2 * n - 1))
  const forward = radix2(m)
  // j² modulo 2n, so that the angle stays exact.
  const cos = Float64Array.from({ length: n }, (_, j) => Math.cos(Math.PI * (j * j % (2 * n)) / n))
  const sin = Float64Array.from({ length: n }, (_, j) => Math.sin(Math.PI * (j * j % (2 * n)) / n))
  const [chirpRe, chirpIm] = [new Float64Array(m), new Float64Array(m)]
  for (let j = 0; j < n; j++) {
    chirpRe[j] = chirpRe[(m - j) % m] = cos[j]!
    chirpIm[j] = chirpIm[(m - j) % m] = sin[j]!
  }
  forward(chirpRe, chirpIm)
  const [ar, ai] = [new Float64Array(m), new Float64Array(m)]
  return (re, im) => {
    ar.fill(0)
    ai.fill(0)
    for (let j = 0; j < n; j++) {
      ar[j] = re[j]! * cos[j]! + im[j]! * sin[j]!
      ai[j] = im[j]! * cos[j]! - re[j]! * sin[j]!
    }
    forward(ar, ai)
    for (let k = 0; k < m; k++) {
      const real = ar[k]! * chirpRe[k]! - ai[k]! * chirpIm[k]!
      // Conjugated, so that the forward transform goes back.
      ai[k] = -(ar[k]! * chirpIm[k]! + ai[k]! * chirpRe[k]!)
      ar[k] = real
    }
    forward(ar, ai)
    for (let k = 0; k < n; k++) {
      const [real, imaginary] = [ar[k]! / m, -ai[k]! / m]
      re[k] = real * cos[k]! + imaginary * sin[k]!
      im[k] = imaginary * cos[k]! - real * sin[k]!
    }
  }
}
