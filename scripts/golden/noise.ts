import { drawNormals, fillNormals, noiseGenerator } from '../../src/sampler/noise'
import { philox4x32 } from '../../src/sampler/philox'
import type { Compared } from './compare'
import { list, number, numbers, text, type Data } from './file'
import type { Unsupported } from './kinds'

/** Normals of one draw of one seed, at given indices and from the start; with them the generator's published answers. */
export function noise(golden: Data, header: Data): Compared[] | Unsupported {
  if (header['generator'] !== noiseGenerator) return { unsupported: `generator ${String(header['generator'])}` }
  const seed = typeof golden['seed'] === 'number' ? String(number(golden, 'seed')) : text(golden, 'seed')
  const draw = number(golden, 'draw')
  const one = new Float64Array(1)
  const at = (index: number): number => {
    fillNormals(one, seed, draw, index)
    return one[0]!
  }
  const first = 'first_16' in golden ? numbers(golden, 'first_16') : []
  return [
    ...('known_answers' in header ? list(header, 'known_answers').map(block) : []),
    { what: 'value', got: numbers(golden, 'index').map(at), expected: numbers(golden, 'value') },
    { what: 'first_16', got: drawNormals(seed, draw, first.length), expected: first },
  ]
}

function block(answer: Data): Compared {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = numbers(answer, 'counter')
  const [k0 = 0, k1 = 0] = numbers(answer, 'key')
  const got = new Uint32Array(4)
  philox4x32([c0, c1, c2, c3], [k0, k1], got)
  return { what: 'known_answers', got, expected: numbers(answer, 'out'), exact: true }
}
