import { expect, test } from "vitest";
import { lines, testProject } from "../../ingest/testing/project.ts";
import { overviewPage } from "../pages/overview.ts";
import type { Overview } from "./overview.ts";
import { readOverview } from "./read-overview.ts";

const call = (n: number, more: object = {}): object => ({
  schema: "workbench/interaction@1",
  source_id: `call-${n}`,
  user_key: `user ${n % 20}`,
  agent: "desk",
  model_served: "m-1",
  started_at: `2026-11-${10 + (n % 3)}T10:00:00Z`,
  messages: [{ role: "user", content: `words nobody may see ${n}` }],
  output: [{ role: "assistant", content: "answer" }],
  ...more,
});
const calls = (from: number, to: number, more: (n: number) => object = () => ({})): readonly object[] =>
  Array.from({ length: to - from }, (_, i) => call(from + i, more(from + i)));

async function overviewOf(...records: readonly (readonly object[])[]): Promise<Overview> {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", `${lines(records.flat())}broken\n`));
  const overview = await readOverview(at.project);
  if (overview === null) throw new Error("something was imported");
  return overview;
}

const textOf = (overview: Overview): string => overviewPage({ overview, sources: [] });

test("nothing imported is no overview", async () => {
  const { project } = await testProject();
  expect(await readOverview(project)).toBeNull();
  expect(overviewPage({ overview: null, sources: [] })).toContain("Nothing is imported yet");
});

test("counts, sums and quantiles are those of the rows; unknown is not 0", async () => {
  const priced = (n: number): object => ({
    latency_ms: n,
    input_tokens: 10,
    output_tokens: 1,
    status: n % 10 === 0 ? "error" : "ok",
    ...(n < 30 ? { cost_usd: 0.5 } : {}),
  });
  const overview = await overviewOf(
    calls(0, 101, priced),
    calls(101, 131, () => ({ model_served: "m-2" })),
  );
  const { total, periods, models } = overview.calls ?? {};
  expect(total).toMatchObject({ calls: 131, errors: 11, priced: 30, costUsd: 15, inputTokens: 1010 });
  expect(total).toMatchObject({ tokensKnown: 101, latencyKnown: 101, latencyMs: [50, 95, 99] });
  expect(periods?.map(({ key, calls }) => [key, calls])).toEqual([
    ["2026-11-10", 44],
    ["2026-11-11", 44],
    ["2026-11-12", 43],
  ]);
  expect(models?.figures.map(({ key, calls, costUsd }) => [key, calls, costUsd])).toEqual([
    ["m-1", 101, 15],
    ["m-2", 30, null],
  ]);
  expect(models?.cells.reduce((sum, cell) => sum + cell.calls, 0)).toBe(131);
  expect(overview.quarantine).toEqual([{ reason: "json_invalid", records: 1, imports: 1 }]);
  expect(overview.imports).toMatchObject([{ read: 132, stored: 131, quarantined: 1, isConserved: true }]);
});

test("an agent that few people use, and a day on which few came, are not told apart", async () => {
  const alone = calls(60, 90, () => ({
    agent: "dr-smith",
    user_key: "user 1",
    started_at: "2026-12-24T10:00:00Z",
  }));
  const overview = await overviewOf(
    calls(0, 60, (n) => ({ agent: n < 40 ? "desk" : "router" })),
    alone,
  );
  const agents = overview.calls?.agents.figures.map(({ key, calls }) => [key, calls]);
  // One person's 30 calls alone could be had from the total, so the smallest group is with them.
  expect(agents).toEqual([
    ["desk", 40],
    [null, 50],
  ]);
  expect(overview.calls?.periods.map(({ key }) => key)).not.toContain("2026-12-24");
  const page = textOf(overview);
  for (const hidden of ["dr-smith", "2026-12-24", "words nobody"]) expect(page).not.toContain(hidden);
});

test("a store of four people shows its imports and nothing of the calls", async () => {
  const overview = await overviewOf(calls(0, 40, (n) => ({ user_key: `user ${n % 4}` })));
  expect(overview.calls).toBeNull();
  expect(textOf(overview)).toContain("Fewer than five people");
  expect(textOf(overview)).not.toContain("m-1");
});

test("feedback, inline and late, has its mean over people; one kind of few people is not told", async () => {
  const rated = calls(0, 60, (n) => ({ feedback: [{ kind: "rating", raw: (n % 5) + 1 }] }));
  const late = Array.from({ length: 20 }, (_, n) => ({
    schema: "workbench/feedback@1",
    target: { source_id: `call-${n + 50}` },
    kind: "thumb",
    raw: n % 2 === 0,
  }));
  const overview = await overviewOf(rated, calls(60, 80), late, [
    { schema: "workbench/feedback@1", target: { source_id: "nobody" }, kind: "thumb", raw: true },
  ]);
  expect(overview.calls?.withFeedback).toBe(70);
  expect(overview.calls?.feedback).toMatchObject([
    { kind: "rating", signals: 60, valued: 60, orphans: 0, people: 20, mean: 0 },
    { kind: "thumb", signals: 21, orphans: 1, people: 21 },
  ]);
});

test("quality stands where the logs say, with its interval", async () => {
  const overview = await overviewOf(calls(0, 80, (n) => (n < 60 ? { task_completed: n % 7 > 1 } : {})));
  expect(overview.calls?.quality).toMatchObject([{ measure: "task completed", calls: 60, people: 20 }]);
  const [{ mean, lower, upper } = { mean: null, lower: null, upper: null }] = overview.calls?.quality ?? [];
  expect(mean).toBeCloseTo(42 / 60, 6);
  expect(Number(lower)).toBeLessThan(0.7);
  expect(Number(upper)).toBeGreaterThan(0.7);
});

test("names from logs reach the page as text", async () => {
  const hostile = "<script>x</script>${1}";
  const page = textOf(await overviewOf(calls(0, 60, () => ({ model_served: hostile, agent: "`a`" }))));
  expect(page).not.toContain("<script>");
  expect(page).not.toContain("${1}");
});
