/** Disjoint sets over 0…n−1. The root of a set is always its smallest member, so edge order cannot matter. */
export interface UnionFind {
  readonly find: (item: number) => number;
  /** True when the two were apart. */
  readonly join: (a: number, b: number) => boolean;
  /** Members of every set, ascending, ordered by their smallest. */
  readonly sets: () => readonly (readonly number[])[];
}

/** Worked value: over 4 items, `join(3, 1)` makes `find(3)` 1 and `sets()` [[0], [1, 3], [2]]. */
export function unionFind(size: number): UnionFind {
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const up = (item: number): number => parent[item] ?? item;
  const find = (item: number): number => {
    let root = item;
    while (up(root) !== root) root = up(root);
    for (let at = item; at !== root;) {
      const next = up(at);
      parent[at] = root;
      at = next;
    }
    return root;
  };
  return {
    find,
    join: (a, b) => {
      const [first, second] = [find(a), find(b)];
      if (first === second) return false;
      parent[Math.max(first, second)] = Math.min(first, second);
      return true;
    },
    sets: () => {
      const members = new Map<number, number[]>();
      for (let item = 0; item < size; item++) {
        const root = find(item);
        const set = members.get(root);
        if (set) set.push(item);
        else members.set(root, [item]);
      }
      return [...members.values()];
    },
  };
}
