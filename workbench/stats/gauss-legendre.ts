/** Nodes and weights of an integral over [low, high]: the sum of weight·f(node). */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const RULE: readonly (readonly [number, number])[] = [
  [-0.906179845938664, 0.23692688505618908],
  [-0.5384693101056831, 0.47862867049936647],
  [0, 0.5688888888888889],
  [0.5384693101056831, 0.47862867049936647],
  [0.906179845938664, 0.23692688505618908],
];

/**
 * Composite Gauss–Legendre of 5 points on equal panels: error of order (panel width)¹⁰ for smooth f.
 * Worked value: one panel on [0, 1] integrates x⁹ to 0.1 exactly.
 */
export function gaussLegendre(low: number, high: number, panels: number): Quadrature {
  const nodes = new Float64Array(panels * RULE.length);
  const weights = new Float64Array(panels * RULE.length);
  const half = (high - low) / panels / 2;
  for (let panel = 0; panel < panels; panel++) {
    const middle = low + (2 * panel + 1) * half;
    RULE.forEach(([node, weight], i) => {
      nodes[panel * RULE.length + i] = middle + half * node;
      weights[panel * RULE.length + i] = half * weight;
    });
  }
  return { nodes, weights };
}

/** Sum of weight·f(node). */
export function integrate(f: (x: number) => number, { nodes, weights }: Quadrature): number {
  let total = 0;
  for (let i = 0; i < nodes.length; i++) total += (weights[i] as number) * f(nodes[i] as number);
  return total;
}
