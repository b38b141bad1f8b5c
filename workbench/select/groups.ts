import type { SplitSettings } from "../schema/dataset-definition.ts";
import type { Candidate } from "./candidate.ts";
import { contentKey, promptKey } from "./exact-dedup.ts";
import { unionFind } from "./union-find.ts";

/** Rows that may not be separated, and how many of what kind of tie hold them together. */
export interface Component {
  /** Its lowest row_key: the group's name, and all that its side depends on besides the seed. */
  readonly group: string;
  readonly rows: readonly Candidate[];
  readonly ties: Readonly<Record<string, number>>;
}

/**
 * Connected components of conversation ∪ user ∪ duplicate cluster over rows sorted by key, taken
 * before duplicates are dropped: a dropped copy still ties its user to the kept row.
 */
export function components(
  candidates: readonly Candidate[],
  clusters: readonly (readonly Candidate[])[],
  groupBy: SplitSettings["groupBy"],
): readonly Component[] {
  const links = unionFind(candidates.length);
  const ties: (readonly [kind: string, row: number])[] = [];
  const tie = (kind: string, names: readonly (string | null)[]): void => {
    const first = new Map<string, number>();
    names.forEach((name, at) => {
      if (name === null) return;
      const other = first.get(name);
      if (other === undefined) first.set(name, at);
      else if (links.join(other, at)) ties.push([kind, at]);
    });
  };
  if (groupBy.includes("conversation"))
    tie(
      "conversation",
      candidates.map(({ row }) => row.conversation_id),
    );
  if (groupBy.includes("user"))
    tie(
      "user",
      candidates.map(({ row }) => row.user_key),
    );
  if (groupBy.includes("cluster")) {
    tie("equal prompt", candidates.map(promptKey));
    tie("exact duplicate", candidates.map(contentKey));
    const clusterOf = new Map(clusters.flatMap((rows, at) => rows.map((row) => [row.key, `${at}`] as const)));
    tie(
      "near duplicate",
      candidates.map(({ key }) => clusterOf.get(key) ?? null),
    );
  }
  const counts = new Map<number, Record<string, number>>();
  for (const [kind, row] of ties) {
    const root = links.find(row);
    const count = counts.get(root) ?? {};
    count[kind] = (count[kind] ?? 0) + 1;
    counts.set(root, count);
  }
  return links.sets().map((members) => {
    const rows = members.flatMap((at) => candidates[at] ?? []);
    return { group: rows[0]?.key ?? "", rows, ties: counts.get(members[0] ?? -1) ?? {} };
  });
}
