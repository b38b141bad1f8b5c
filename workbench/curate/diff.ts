import { join } from "node:path";
import { digestOf } from "../schema/canonical.ts";
import type { DatasetManifest, Split } from "../schema/dataset.ts";
import { Reject, Split as SplitSchema } from "../schema/dataset.ts";
import { byText } from "../select/text.ts";
import { openDatabase, sqlText } from "../catalog/database.ts";
import { filled, sqlFile } from "../catalog/sql.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { resolveVersion } from "./versions.ts";
import type { DatasetVersion } from "./versions.ts";

/** What changed from one version to another; it adds up: rowsB = rowsA + added − removed. */
export interface DatasetDiff {
  readonly a: string;
  readonly b: string;
  readonly rows: { readonly a: number; readonly b: number };
  readonly added: number;
  readonly removed: number;
  /** In both, with other text. */
  readonly changed: number;
  /** In both, on another side. */
  readonly moved: number;
  readonly same: number;
  /** Why rows of A are not in B, by B's step and rule; "not in the sources" when B never read them. */
  readonly because: Readonly<Record<string, number>>;
  /** Members of the two definitions that differ. */
  readonly definition: readonly string[];
}

interface Row {
  readonly key: string;
  readonly interaction_id: string;
  readonly side: Split;
  readonly content: string;
}

/** Compares two versions by the rows they hold, having checked every file against its manifest. */
export async function diffVersions(
  project: Project,
  refs: { readonly a: string; readonly b: string },
  effects: Effects = realEffects,
): Promise<DatasetDiff> {
  const [a, b] = [
    await resolveVersion(project, refs.a, effects),
    await resolveVersion(project, refs.b, effects),
  ];
  const [rowsA, rowsB] = [await readRows(a, effects), await readRows(b, effects)];
  const rejects = await readRejects(b, effects);
  const because = new Map<string, number>();
  const counts = { changed: 0, moved: 0, same: 0, removed: 0 };
  for (const [key, row] of rowsA) {
    const other = rowsB.get(key);
    if (!other) {
      counts.removed++;
      const reason = rejects.get(row.interaction_id) ?? "not in the sources";
      because.set(reason, (because.get(reason) ?? 0) + 1);
      continue;
    }
    if (other.content !== row.content) counts.changed++;
    if (other.side !== row.side) counts.moved++;
    if (other.content === row.content && other.side === row.side) counts.same++;
  }
  return {
    a: a.ref,
    b: b.ref,
    rows: { a: rowsA.size, b: rowsB.size },
    added: [...rowsB.keys()].filter((key) => !rowsA.has(key)).length,
    ...counts,
    because: Object.fromEntries([...because].sort(([x], [y]) => byText(x, y))),
    definition: changedMembers(a.manifest, b.manifest),
  };
}

async function readRows(
  { folder, manifest }: DatasetVersion,
  effects: Effects,
): Promise<ReadonlyMap<string, Row>> {
  await verifyFiles(folder, manifest.files, effects);
  const database = await openDatabase({ allowed: [folder], temporary: join(folder, ".spill") });
  const key =
    manifest.kind === "sft"
      ? "row_key"
      : "chosen_interaction_id || ' ' || rejected_interaction_id || ' ' || source";
  const content =
    manifest.kind === "sft"
      ? "messages::JSON::VARCHAR"
      : "[prompt::JSON, chosen::JSON, rejected::JSON]::VARCHAR";
  try {
    const sql = await sqlFile("version-rows.sql", import.meta.url, effects);
    const rows: [string, Row][] = [];
    for (const side of SplitSchema.options) {
      const source = sqlText(join(folder, `${side}.parquet`));
      for (const row of await database.rows<Omit<Row, "side">>(filled(sql, { key, content, source })))
        rows.push([row.key, { ...row, side }]);
    }
    return new Map(rows);
  } finally {
    database.close();
  }
}

async function readRejects(
  { folder }: DatasetVersion,
  effects: Effects,
): Promise<ReadonlyMap<string, string>> {
  const text = Buffer.from(await effects.read(join(folder, "rejects.jsonl"))).toString("utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const reject = Reject.parse(JSON.parse(line));
      return [reject.interaction_id, `${reject.step} · ${reject.rule}`];
    }),
  );
}

function changedMembers(a: DatasetManifest, b: DatasetManifest): readonly string[] {
  const [one, two] = [a.definition, b.definition] as Readonly<Record<string, unknown>>[];
  return [...new Set([...Object.keys(one ?? {}), ...Object.keys(two ?? {})])]
    .filter((name) => digestOf(one?.[name]) !== digestOf(two?.[name]))
    .sort();
}
