import { canonical } from "../schema/canonical.ts";
import type { SampleRow } from "../schema/run.ts";

/** One sample with all epochs of both arms; an arm without rows is empty. */
export interface Item {
  readonly sampleId: string;
  readonly label: string;
  readonly cluster: string | null;
  readonly slices: Readonly<Record<string, string>>;
  readonly baseline: readonly SampleRow[];
  readonly candidate: readonly SampleRow[];
}

export interface ArmRows {
  readonly baseline: readonly SampleRow[];
  readonly candidate: readonly SampleRow[];
}

/** Joins two arms by sampleId, in sampleId order: the one order in which every sum is folded. */
export function pairItems({ baseline, candidate }: ArmRows): readonly Item[] {
  const left = bySample(baseline);
  const right = bySample(candidate);
  const ids = [...new Set([...left.keys(), ...right.keys()])].sort();
  return ids.flatMap((sampleId) => {
    const a = left.get(sampleId) ?? [];
    const b = right.get(sampleId) ?? [];
    const first = a[0] ?? b[0];
    if (!first) return [];
    const { label, cluster, slices } = first;
    return [{ sampleId, label, cluster, slices, baseline: a, candidate: b }];
  });
}

function bySample(rows: readonly SampleRow[]): ReadonlyMap<string, readonly SampleRow[]> {
  const groups = new Map<string, SampleRow[]>();
  for (const row of rows) {
    const group = groups.get(row.sampleId);
    if (group) group.push(row);
    else groups.set(row.sampleId, [row]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.epoch - b.epoch);
  return groups;
}

/** What a sample asks, as one text: equal for equal content whatever its id. */
export function contentOf(row: Pick<SampleRow, "input" | "expected">): string {
  return canonical({ input: row.input, expected: row.expected });
}

/** True when a row may enter a comparison; contaminated ones were set aside by the evaluation. */
export function isUsable(item: Item): boolean {
  return [...item.baseline, ...item.candidate].every((row) => row.status !== "contaminated");
}
