/** Value at x of the j-th Lagrange polynomial on the given nodes: 1 at nodes[j], 0 at the others. */
export function lagrange(nodes: readonly number[], j: number, x: number): number {
  return nodes.reduce((product, node, k) => k === j ? product : product * (x - node) / ((nodes[j] ?? NaN) - node), 1)
}

/** Integral from a to b of the j-th Lagrange polynomial on at most four nodes: Gauss's rule with two points is exact for degree 3. */
export function lagrangeIntegral(nodes: readonly number[], j: number, a: number, b: number): number {
  const [middle, half] = [(a + b) / 2, (b - a) / 2]
  const offset = half / Math.sqrt(3)
  return half * (lagrange(nodes, j, middle - offset) + lagrange(nodes, j, middle + offset))
}
