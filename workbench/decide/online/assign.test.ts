import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase } from "../../catalog/database.ts";
import { sqlFile } from "../../catalog/sql.ts";
import { seeded } from "../../stats/random.ts";
import { assign, bucketOf, stagePlan } from "./assign.ts";

test("the worked value", () => {
  expect(bucketOf("support-2026-47:user-000123")).toBe(4328);
  expect(stagePlan(10, [0.5, 0.5])).toEqual({ bucketsBelow: 2000, candidateFrom: 5000, isTest: true });
});

test("SQL gives the same values on 10 000 units, whatever their letters", async () => {
  const random = seeded("units");
  const letters = ["a", "Z", "0", " ", ":", "é", "ß", "語", "🙂", "\u0301", "'", '"', "%", "\\", "\n"];
  const units = Array.from(
    { length: 10_000 },
    (_, i) =>
      `${Array.from({ length: 1 + random.below(12) }, () => letters[random.below(letters.length)]).join("")}${i}`,
  );
  const db = await openDatabase({ allowed: [], temporary: mkdtempSync(join(tmpdir(), "assign-")) });
  const sql = await sqlFile("sql/assign.sql", import.meta.url);
  for (const [percent, split] of [
    [10, [0.5, 0.5]],
    [80, [0.5, 0.5]],
    [7, [0.9, 0.1]],
  ] as const) {
    const salt = `support-${percent}:ü`;
    const plan = stagePlan(percent, split);
    const rows = await db.rows<{ unit: string; bucket: number; arm_number: number; arm: string | null }>(
      sql,
      {
        salt,
        units,
        buckets_below: plan.bucketsBelow,
        candidate_from: plan.candidateFrom,
      },
    );
    expect(rows.map(({ arm_number, ...row }) => ({ ...row, armNumber: arm_number }))).toEqual(
      units.map((unit) => assign(unit, { salt, percent, split })),
    );
  }
  db.close();
});

test("as the ramp rises nobody leaves the test or the candidate, and the shares are those planned", () => {
  const split = [0.5, 0.5] as const;
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (unit, salt) => {
      let before: string | null = null;
      for (const percent of [5, 10, 25, 50, 80, 100]) {
        const { arm } = assign(unit, { salt, percent, split });
        if (before === "candidate") expect(arm).toBe("candidate");
        if (before !== null) expect(arm).not.toBeNull();
        if (before === "baseline" && percent <= 50) expect(arm).toBe("baseline");
        before = arm;
      }
      expect(before).toBe("candidate");
    }),
  );
  const arms = Array.from(
    { length: 20_000 },
    (_, i) => assign(`u${i}`, { salt: "s", percent: 10, split }).arm,
  );
  for (const arm of ["baseline", "candidate"])
    expect(Math.abs(arms.filter((one) => one === arm).length - 2000)).toBeLessThan(4 * Math.sqrt(1800));
});
