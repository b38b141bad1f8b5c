/** Fewer people than this are never shown as a group. */
export const MIN_PEOPLE = 5;

/** What people leave: each sets a bit of either mark, so that the bits never count one twice. */
export interface Marks {
  /** Unsigned 64-bit integers as text; null when nobody was there. */
  readonly seenA: string | null;
  readonly seenB: string | null;
}

export interface Sized extends Marks {
  readonly key: string;
  readonly calls: number;
}

export interface Merged {
  readonly kept: readonly string[];
  /** What is left goes into one group without a name. */
  readonly hasOthers: boolean;
  /** So few people altogether that nothing may be shown. */
  readonly isHidden: boolean;
}

/**
 * Which groups stand alone, at most `top`: each has at least five people for certain, and so have the others together.
 * Where they have not, the smallest group joins them: a total minus what is shown must not give them away.
 */
export function mergeSmall(groups: readonly Sized[], top = Infinity): Merged {
  const kept = [...groups]
    .sort((a, b) => b.calls - a.calls || (a.key < b.key ? -1 : 1))
    .filter((group) => peopleAtLeast([group]) >= MIN_PEOPLE)
    .slice(0, top);
  const others = groups.filter((group) => !kept.includes(group));
  while (others.length > 0 && kept.length > 0 && peopleAtLeast(others) < MIN_PEOPLE)
    others.push(...kept.splice(-1));
  return {
    kept: kept.map(({ key }) => key),
    hasOthers: others.length > 0,
    isHidden: kept.length === 0 && peopleAtLeast(others) < MIN_PEOPLE,
  };
}

/** A lower bound of how many people the groups have together. Worked value: marks 0b0111 and 0b1100 give 4. */
export function peopleAtLeast(groups: readonly Marks[]): number {
  const bits = (marks: readonly (string | null)[]): number =>
    marks
      .reduce((all, mark) => all | BigInt(mark ?? 0), 0n)
      .toString(2)
      .replaceAll("0", "").length;
  return Math.max(bits(groups.map(({ seenA }) => seenA)), bits(groups.map(({ seenB }) => seenB)));
}
