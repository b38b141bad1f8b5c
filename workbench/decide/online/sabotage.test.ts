import { describe, expect, test } from "vitest";
import type { Project } from "../../store/paths.ts";
import { assign, bucketOf } from "./assign.ts";
import { decideOnline } from "./decide-online.ts";
import { createExperiment } from "./experiment-file.ts";
import {
  clockAt,
  day,
  logTraffic,
  onlineProject,
  POLICY,
  simulated,
  START,
  type Line,
} from "./testing/traffic.ts";

// Planted faults of an experiment on live traffic, each from exposure log and calls to the verdict. The same
// traffic without a fault is a go (the first test); none of these may be. The other fourteen faults are offline:
// ../sabotage.test.ts.

const WEEK = { seed: "sound", users: 1000, salt: "online-test", experiment: "small-model" };
const sound = simulated({ ...WEEK, candidate: { success: 0.86 } });
const POLICY_SMALL = POLICY.replace("minUnits: 400", "minUnits: 200");

async function judged(
  { calls, exposures }: { readonly calls: readonly Line[]; readonly exposures: readonly Line[] },
  policy = POLICY_SMALL,
  at = 7.5,
): Promise<{
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly effects: readonly unknown[];
  readonly sentence: string;
}> {
  const project: Project = await onlineProject(policy);
  await createExperiment(
    { project, name: "small-model", policy: "support-online", baseline: "a", candidate: "b" },
    clockAt(START),
  );
  await logTraffic(project, { calls, exposures });
  return (await decideOnline({ project, name: "small-model" }, clockAt(day(at)))).computed;
}

const expectFault = (result: Awaited<ReturnType<typeof judged>>, verdict: string, code: string): void => {
  expect(result.reasons).toContain(code);
  expect(result.verdict).toBe(verdict);
  if (verdict === "invalid") {
    expect(result.effects).toEqual([]);
    expect(result.sentence).toContain(code);
  }
};
const exposed = (change: (lines: readonly Line[]) => readonly Line[]) => ({
  ...sound,
  exposures: change(sound.exposures),
});
const first = new Set<unknown>();
const firsts = sound.exposures.filter(({ unit }) => !first.has(unit) && first.add(unit));

test("without a fault it is a go", async () => {
  expect(await judged(sound)).toMatchObject({ verdict: "go" });
});

describe("the planted faults, by their numbers in the design", () => {
  test("1 lost exposures of one arm: srm", async () => {
    const kept = exposed((lines) =>
      lines.filter(({ unit, arm }) => arm === "baseline" || bucketOf(`lost:${String(unit)}`) >= 2500),
    );
    expectFault(await judged(kept), "invalid", "srm");
  });
  test("2 units in both arms: crossover", async () => {
    const crossed = firsts
      .slice(0, 5)
      .map((line) => ({ ...line, arm: line["arm"] === "baseline" ? "candidate" : "baseline", at: day(6.9) }));
    const result = await judged(exposed((lines) => [...lines, ...crossed]));
    expectFault(result, "invalid", "crossover");
    expect(result.reasons).toContain("assignment-broken");
  });
  test("3 exposures logged twice: duplicate-exposure", async () => {
    expectFault(
      await judged(exposed((lines) => [...lines, ...lines.slice(0, 3)])),
      "invalid",
      "duplicate-exposure",
    );
  });
  test("6 one unsalted bucket in two experiments: assignment-correlated", async () => {
    const other = firsts.map((line) => ({ ...line, experiment: "other-one" }));
    expectFault(await judged(exposed((lines) => [...lines, ...other])), "invalid", "assignment-correlated");
    const salted = firsts.map((line) => ({
      ...line,
      experiment: "other-one",
      arm: assign(String(line["unit"]), { salt: "another", percent: 50, split: [0.5, 0.5] }).arm,
    }));
    expect((await judged(exposed((lines) => [...lines, ...salted]))).verdict).toBe("go");
  });
  test("13 a fixed plan read at 60 % of its units: look-plan-open, and no effect is told", async () => {
    const result = await judged(
      sound,
      POLICY_SMALL.replace("minUnits: 200", `minUnits: ${Math.round(firsts.length / 2 / 0.6)}`),
    );
    expectFault(result, "inconclusive", "look-plan-open");
    expect(result.effects).toEqual([]);
  });
  test("13 and at 60 % of its days", async () => {
    expectFault(await judged(sound, POLICY_SMALL, 4.2), "inconclusive", "look-plan-open");
  });
  test("20 users are the policy's unit, requests were exposed: unit-mismatch", async () => {
    const requests = exposed((lines) =>
      lines.map((line, i) => ({ ...line, unit: `request-${i}`, ...assignedAs(`request-${i}`) })),
    );
    expectFault(await judged(requests), "invalid", "unit-mismatch");
    await expect(judged(sound, POLICY_SMALL.replace("unit: user", "unit: request"))).rejects.toMatchObject({
      exitCode: 2,
      what: expect.stringContaining("unit-mismatch") as string,
    });
  });
});

describe("bad input of its own", () => {
  test("a clock that is two hours off: clock-shifted", async () => {
    const late = exposed((lines) =>
      lines.map((line) => ({
        ...line,
        at: new Date(Date.parse(String(line["at"])) + 2 * 3_600_000).toISOString(),
      })),
    );
    expectFault(await judged({ ...late, exposures: onlyFirst(late.exposures) }), "invalid", "clock-shifted");
  });
  test("exposures before the start: clock-shifted", async () => {
    const early = exposed((lines) =>
      lines.map((line, i) => (i % 20 === 0 ? { ...line, at: "2026-11-01T00:00:00Z" } : line)),
    );
    expectFault(await judged(early), "invalid", "clock-shifted");
  });
  test("an arm that the salt does not give: assignment-broken", async () => {
    const flipped = exposed((lines) =>
      lines.map((line) => ({ ...line, arm: line["arm"] === "baseline" ? "candidate" : "baseline" })),
    );
    expectFault(await judged(flipped), "invalid", "assignment-broken");
  });
  test("one unit in an arm: too-few-clusters", async () => {
    const units = new Set(
      firsts
        .filter(({ arm }) => arm === "candidate")
        .slice(0, 1)
        .map(({ unit }) => unit),
    );
    const alone = exposed((lines) => lines.filter(({ unit, arm }) => arm === "baseline" || units.has(unit)));
    expectFault(await judged(alone), "invalid", "too-few-clusters");
  });
  test("a day of calls without an exposure: exposure-gap", async () => {
    const gap = exposed((lines) => lines.filter(({ at }) => String(at) < day(3) || String(at) >= day(4)));
    expectFault(await judged(gap), "inconclusive", "exposure-gap");
  });
  test("answers of one arm left out of the logs: unequal-loss", async () => {
    const lossy = {
      ...sound,
      calls: sound.calls.map((line) =>
        isIn("candidate", line) && bucketOf(`x${String(line["user_key"])}`) < 1500
          ? { ...line, task_completed: null }
          : line,
      ),
    };
    expectFault(await judged(lossy), "invalid", "unequal-loss");
  });
  test("a metric that is the same everywhere: zero-variance; one that no log has: no-data", async () => {
    const flat = { ...sound, calls: sound.calls.map((line) => ({ ...line, latency_ms: 500 })) };
    const more = (metric: string): string =>
      POLICY_SMALL.replace(
        "guardrails:",
        `guardrails:\n  - { metric: ${metric}, better: lower, margin: { points: 1 } }`,
      );
    expectFault(await judged(flat, more("latencyMs")), "inconclusive", "zero-variance:latencyMs");
    const unpriced = { ...sound, calls: sound.calls.map((line) => ({ ...line, cost_usd: null })) };
    expectFault(await judged(unpriced, more("costUsd")), "inconclusive", "no-data:costUsd");
    await expect(judged(sound, more("toxicity"))).rejects.toMatchObject({ exitCode: 2 });
  });
  test("a veto slice that nobody is in: no-data", async () => {
    const veto = `${POLICY_SMALL}slices: { veto: ["language = dee"] }\n`;
    expectFault(await judged(sound, veto), "inconclusive", "no-data:language = dee");
  });
});

function assignedAs(unit: string): { readonly arm: string | null; readonly bucket: number } {
  const { arm, bucket } = assign(unit, { salt: WEEK.salt, percent: 50, split: [0.5, 0.5] });
  return { arm, bucket };
}
function isIn(arm: string, line: Line): boolean {
  return assignedAs(String(line["user_key"])).arm === arm;
}
function onlyFirst(lines: readonly Line[]): readonly Line[] {
  const seen = new Set<unknown>();
  return lines.filter(({ unit }) => !seen.has(unit) && seen.add(unit));
}
