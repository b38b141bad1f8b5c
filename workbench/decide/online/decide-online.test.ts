import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLog } from "../log.ts";
import { verifyDecision } from "../verify.ts";
import { assign } from "./assign.ts";
import { decideOnline, healthOf } from "./decide-online.ts";
import { createExperiment } from "./experiment-file.ts";
import { exposuresFolder, listExposures } from "./exposure-segments.ts";
import {
  clockAt,
  day,
  logTraffic,
  onlineProject,
  POLICY,
  simulated,
  START,
  type Traffic,
} from "./testing/traffic.ts";
import type { Project } from "../../store/paths.ts";

const WEEK: Traffic = { seed: "week", users: 1500, salt: "online-test", experiment: "small-model" };

async function started(policy = POLICY): Promise<Project> {
  const project = await onlineProject(policy);
  const arms = { baseline: "large", candidate: "small" };
  await createExperiment({ project, name: "small-model", policy: "support-online", ...arms }, clockAt(START));
  return project;
}
const decideAt = (project: Project, at: string) =>
  decideOnline({ project, name: "small-model" }, clockAt(at));

describe("an experiment from logs to verdict", () => {
  test("equal arms are a go by non-inferiority; the record replays to the bit, and again is the same look", async () => {
    const project = await started();
    await logTraffic(project, simulated(WEEK));
    const decided = await decideAt(project, day(7.5));
    expect(decided.computed.health.filter((check) => !check.passed)).toEqual([]);
    expect(decided.computed.verdict).toBe("go");
    expect(decided.computed.effects[0]).toMatchObject({
      metric: "success",
      estimator: "delta-ratio@1",
      passed: true,
    });
    expect(decided.computed.sentence).toMatch(/on \d+ units; the guardrail holds\.$/);
    expect(decided.computed.evidence.map(({ role }) => role)).toEqual([
      "interactions",
      "exposures",
      "experiment",
      "policy",
      "facts",
    ]);
    const replayed = await verifyDecision(project, decided.run, clockAt(day(9)));
    expect(replayed).toMatchObject({ record: decided.id, verdict: "go", logged: true });
    // A day later, the same files: the same look, the same record, nothing written.
    const again = await decideAt(project, day(8.5));
    expect(again.id).toBe(decided.id);
    const looks = (await readLog(project)).rows.filter(({ kind }) => kind === "look.taken");
    expect(looks).toHaveLength(1);
  });

  test("a candidate that fails more is a no-go by its guardrail", async () => {
    const project = await started();
    await logTraffic(project, simulated({ ...WEEK, candidate: { errors: 0.12 } }));
    const { computed } = await decideAt(project, day(7.5));
    expect(computed.verdict).toBe("no-go");
    expect(computed.reasons).toContain("guardrail-breached:errorRate");
  });

  test("status and health read no effect and spend no look", async () => {
    const project = await started();
    await logTraffic(project, simulated(WEEK));
    const health = await healthOf({ project, name: "small-model" }, clockAt(day(7.5)));
    expect(health.evidence).toBeNull();
    expect(health.look).toMatchObject({ number: 1, closed: null });
    expect((await readLog(project)).rows.some(({ kind }) => kind === "look.taken")).toBe(false);
  });

  test("one byte changed in a segment, the exposures or the experiment is exit 6", async () => {
    const project = await started();
    await logTraffic(project, simulated({ ...WEEK, users: 900 }));
    const { run } = await decideAt(project, day(7.5));
    const [exposures] = await listExposures(project);
    const files = [
      join(exposuresFolder(project), exposures?.id ?? "", "exposures.parquet"),
      join(project.evals, "experiments", "small-model.json"),
      join(project.runs, run, "facts.json"),
    ];
    for (const file of files) {
      const bytes = readFileSync(file);
      const changed = Buffer.from(bytes);
      const at = changed.length >> 1;
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(file, changed);
      await expect(verifyDecision(project, run, clockAt(day(9)))).rejects.toMatchObject({ exitCode: 6 });
      writeFileSync(file, bytes);
    }
    expect((await verifyDecision(project, run, clockAt(day(9)))).run).toBe(run);
  });
});

describe("looks", () => {
  const sequential = POLICY.replace("online:", "looks: { plan: group-sequential, max: 3 }\nonline:");

  test("group-sequential: each look has its own bound, journalled; between looks nothing is read", async () => {
    const project = await started(sequential);
    const all = simulated({ ...WEEK, users: 2200 });
    const until = (days: number, from: number) => ({
      calls: all.calls.filter(
        (one) => String(one["started_at"]) < day(days) && String(one["started_at"]) >= day(from),
      ),
      exposures: all.exposures.filter(
        (one) => String(one["at"]) < day(days) && String(one["at"]) >= day(from),
      ),
    });
    await logTraffic(project, until(0.45, 0), "a");
    const first = await decideAt(project, day(0.45));
    expect(first.computed.health.filter(({ passed }) => !passed)).toMatchObject([{ code: "look-plan-open" }]);
    expect(first.computed.effects[0]?.alpha).toBeLessThan(0.001);
    await logTraffic(project, until(0.46, 0.45), "b");
    const between = await decideAt(project, day(0.46));
    expect(between.computed).toMatchObject({
      verdict: "inconclusive",
      reasons: ["look-plan-open"],
      effects: [],
    });
    await logTraffic(project, until(7, 0.46), "c");
    const last = await decideAt(project, day(7.1));
    expect(last.computed.verdict).toBe("go");
    expect(last.computed.effects[0]?.alpha).toBeGreaterThan(0.02);
    expect(last.computed.effects[0]?.alpha).toBeLessThan(0.025);
    const looks = (await readLog(project)).rows.filter(({ kind }) => kind === "look.taken");
    expect(looks.map(({ data }) => [data["look"], data["spent"]])).toEqual([
      [1, 1 / 3],
      [2, 1],
    ]);
    for (const one of [first, between, last])
      expect((await verifyDecision(project, one.run, clockAt(day(9)))).record).toBe(one.id);
  });

  test("a fixed plan read once more is closed: its verdict stands", async () => {
    const project = await started();
    const all = simulated(WEEK);
    await logTraffic(project, all);
    expect((await decideAt(project, day(7.1))).computed.verdict).toBe("go");
    const late = { ...all.exposures[0], ...bucketed("late"), unit: "late", at: day(6.5) };
    await logTraffic(project, { calls: [], exposures: [late] }, "more");
    const second = await decideAt(project, day(7.2));
    expect(second.computed).toMatchObject({
      verdict: "inconclusive",
      reasons: ["look-plan-open"],
      effects: [],
    });
  });
});

function bucketed(unit: string): { readonly arm: string | null; readonly bucket: number } {
  const { arm, bucket } = assign(unit, { salt: WEEK.salt, percent: 50, split: [0.5, 0.5] });
  return { arm, bucket };
}

describe("a pre-period", () => {
  test("sharpens the interval and keeps the estimate honest", async () => {
    const rules = (days: number): string =>
      POLICY.replace("minUnits: 400", "minUnits: 200").replace("prePeriodDays: 0", `prePeriodDays: ${days}`);
    const traffic = simulated({
      ...WEEK,
      users: 800,
      preDays: 14,
      spread: 0.9,
      baseline: { success: 0.5 },
      candidate: { success: 0.5 },
    });
    const results = [];
    for (const days of [0, 14]) {
      const project = await started(rules(days));
      await logTraffic(project, traffic);
      results.push((await decideAt(project, day(7.5))).computed.effects[0]);
    }
    const [plain, adjusted] = results;
    expect([plain?.estimator, adjusted?.estimator]).toEqual(["delta-ratio@1", "cuped-ratio@1"]);
    const width = (effect: typeof plain): number => (effect?.upper ?? 0) - (effect?.lower ?? 0);
    expect(width(adjusted)).toBeLessThan(width(plain));
    expect(Math.abs((adjusted?.estimate ?? 9) - (plain?.estimate ?? 0))).toBeLessThan(width(plain) / 4);
  });
});

describe("exposure logs", () => {
  test("every line is stored, blank or in quarantine, and the same bytes again change nothing", async () => {
    const project = await started();
    const { exposures } = simulated({ ...WEEK, users: 20 });
    const file = join(project.root, "odd.exposures.jsonl");
    await logTraffic(project, { calls: [], exposures }, "odd");
    const good = exposures.length;
    appendFileSync(file, '\n{"experiment":"small-model"}\nnot json\n');
    appendFileSync(file, Buffer.from([0xff, 0xfe, 0x0a]));
    appendFileSync(file, `${JSON.stringify({ ...exposures[0], unit: "x".repeat(70_000) })}\n`);
    const { ingestExposures } = await import("./exposures.ts");
    const { keyOf } = await import("../../ingest/key.ts");
    const request = { project, sources: [file], key: keyOf(Buffer.alloc(32, 7)) };
    const [first] = await ingestExposures(request, clockAt(day(8)));
    expect(first?.counts).toEqual({ read: good + 4, stored: good, quarantined: 4, blank: 1 });
    const lines = readFileSync(join(exposuresFolder(project), first?.id ?? "", "quarantine.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { reason: string }).reason)).toEqual([
      "wrong_shape",
      "json_invalid",
      "utf8_invalid",
      "too_long",
    ]);
    const [again] = await ingestExposures(request, clockAt(day(9)));
    expect(again).toEqual(first);
  });
});
