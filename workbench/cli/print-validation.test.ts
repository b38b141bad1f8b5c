import { expect, test } from "vitest";
import type { Validated } from "../flow/validate/validate.ts";
import type { TargetReading } from "../schema/targets.ts";
import type { Output } from "./output.ts";
import { printValidation } from "./print-validation.ts";

const plain = (text: string): string => text;
const paint = { bold: plain, dim: plain, green: plain, red: plain, yellow: plain };

function printed(readings: readonly Partial<TargetReading>[], more: object = {}): string {
  const lines: string[] = [];
  const out = { line: (text = "") => lines.push(text), paint } as unknown as Output;
  const validation = {
    run: "0123456789ab",
    suite: "asked",
    local: "small",
    fallback: "large\u001b[31m",
    tasks: { asked: 40, items: 20, local: 30, fallback: 9, failed: 1, notRun: 0 },
    fallbackReasons: { timeout: 2, "not JSON": 7 },
    targets: { name: "test", sha256: "", tasksPerMonth: 1 },
    verdict: "inconclusive",
    readings: readings.map((one) => ({ n: 40, refused: null, lower: null, upper: null, ...one })),
    ...more,
  };
  printValidation({ validation, file: "f", evaluation: { unchanged: false } } as unknown as Validated, out);
  return lines.join("\n");
}

test("a screen: verdict, who answered, why not the local model, each figure against its target", () => {
  const text = printed([
    { metric: "localShare", estimate: 0.75, lower: 0.6, upper: 0.86, standing: "missed", atLeast: 0.99 },
    { metric: "latencyMs.p95", estimate: 1234.5, lower: 900, standing: "open", atMost: 2000 },
    { metric: "monthlyUsd", estimate: null, standing: "open", atMost: 5, refused: "no task has this figure" },
    { metric: "latencyMs.p50", estimate: 12.34, lower: 10, upper: 15, standing: "shown" },
  ]);
  expect(text).toContain("? INCONCLUSIVE  asked:");
  expect(text).toContain("40 tasks from 20 items: 30 local, 9 fallback, 1 unanswered");
  expect(text).toContain("not taken from the local model: not JSON 7, timeout 2");
  expect(text).toMatch(/✕ {2}localShare +75\.00 % +\[60\.00 %, 86\.00 %\] +at least 99\.00 %/);
  expect(text).toMatch(/\? {2}latencyMs\.p95 +1235 ms +\[900 ms, …\] +at most 2000 ms/);
  expect(text).toMatch(/monthlyUsd +not measured +no task has this figure +at most \$5\.0000/);
  expect(text).toMatch(/latencyMs\.p50 +12\.3 ms +\[10\.0 ms, 15\.0 ms\]$/m);
  expect(text).not.toContain("\u001b");
});

test("a run that was stopped says what was not asked", () => {
  const tasks = { asked: 10, items: 20, local: 10, fallback: 0, failed: 0, notRun: 30 };
  const text = printed([{ metric: "uptime", estimate: 1, lower: 0.69, upper: 1, standing: "open" }], {
    tasks,
  });
  expect(text).toContain("0 unanswered, 30 not run");
});
