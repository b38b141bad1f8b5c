import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../catalog/database.ts";
import { sqlFile } from "../../catalog/sql.ts";
import { groupQuantile } from "../../stats/group-quantile.ts";
import type { EvidenceTables } from "./evidence-tables.ts";
import { windowOf } from "./quantile-window.ts";

/** Groups of 30 values each; a group's values agree as much as `habit` says. */
async function tablesOf(groups: number, habit: string): Promise<EvidenceTables> {
  const db = await openDatabase({ allowed: [], temporary: join(tmpdir(), "wb-quantile-window") });
  await db.run(
    `create temp table quantile_value as
      select arm::ENUM('baseline', 'candidate') as arm, g::USMALLINT as "group",
        (${habit} + hash(g * 1000 + i, arm) % 10000)::BIGINT as value
      from range(${groups}) as a(g), range(30) as b(i), (values ('baseline'), ('candidate')) as c(arm)`,
  );
  return {
    db,
    bound: { experiment: "", starts_at: "", until: "" },
    query: (name) => sqlFile(`sql/${name}.sql`, import.meta.url),
  };
}

test.each([0.5, 0.95])("a window found in a sample gives the same interval to the bit, p = %d", async (p) => {
  const tables = await tablesOf(2000, "hash(g, 'habit') % 10000");
  const interval = async (every: number) => {
    const [baseline, candidate] = [
      await windowOf(tables, { arm: "baseline", p, every }),
      await windowOf(tables, { arm: "candidate", p, every }),
    ];
    if (baseline === null || candidate === null) throw new Error("no window");
    expect(baseline.values.length).toBeLessThan(60_000);
    return groupQuantile(baseline, candidate, { p, alpha: 0.025, seed: 7, replicates: 300 });
  };
  expect(await interval(8)).toEqual(await interval(1));
  tables.db.close();
});

test("a sample that leads astray, or too few groups for one, is no window", async () => {
  // The sampled groups (0, 8, …) lie far above all the others.
  const astray = await tablesOf(2000, "case when g % 8 = 0 then 1000000 else 0 end");
  expect(await windowOf(astray, { arm: "baseline", p: 0.5, every: 8 })).toBeNull();
  expect(await windowOf(astray, { arm: "baseline", p: 0.5, every: 1 })).not.toBeNull();
  astray.db.close();
  const few = await tablesOf(100, "0");
  expect(await windowOf(few, { arm: "baseline", p: 0.5, every: 8 })).toBeNull();
  few.db.close();
});
