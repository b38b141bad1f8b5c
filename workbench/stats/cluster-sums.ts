/** Totals and sizes of clusters, in order of first appearance. */
export interface ClusterSums {
  readonly names: readonly (string | number)[];
  readonly totals: readonly number[];
  readonly sizes: readonly number[];
}

/**
 * Adds values up by cluster: what `signFlip` needs to flip whole clusters. Both lists are equally
 * long. Worked value: values [1, 2, 3] of clusters [a, b, a] give totals [4, 2], sizes [2, 1].
 */
export function clusterSums(values: readonly number[], clusters: readonly (string | number)[]): ClusterSums {
  const index = new Map<string | number, number>();
  const totals: number[] = [];
  const sizes: number[] = [];
  values.forEach((value, i) => {
    const name = clusters[i] as string | number;
    const at = index.get(name) ?? totals.length;
    index.set(name, at);
    totals[at] = (totals[at] ?? 0) + value;
    sizes[at] = (sizes[at] ?? 0) + 1;
  });
  return { names: [...index.keys()], totals, sizes };
}
