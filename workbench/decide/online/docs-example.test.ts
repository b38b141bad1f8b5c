import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyDecision } from "../verify.ts";
import { decideOnline } from "./decide-online.ts";
import { createExperiment } from "./experiment-file.ts";
import { clockAt, day, logTraffic, onlineProject, simulated, START, type Line } from "./testing/traffic.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/experiments.md"), "utf8");
const block = (language: string): string =>
  new RegExp(`<!-- example -->[^]*?\`\`\`${language}\\n([^]*?)\`\`\``).exec(PAGE)?.[1] ?? "";

test("the worked example of docs/experiments.md: its policy, its week of traffic, its words", async () => {
  const project = await onlineProject(block("yaml"));
  const arms = { baseline: "large", candidate: "small" };
  await createExperiment({ project, name: "small-model", policy: "support-online", ...arms }, clockAt(START));
  const week = simulated({
    seed: "docs",
    users: 1500,
    salt: "support-week-47",
    experiment: "small-model",
    candidate: { success: 0.81, latencyMs: 500, costUsd: 0.0004 },
  });
  const upTo = (days: number, from: number) => {
    const isIn = (at: unknown): boolean => String(at) >= day(from) && String(at) < day(days);
    return {
      calls: week.calls.filter((line: Line) => isIn(line["started_at"])),
      exposures: week.exposures.filter((line: Line) => isIn(line["at"])),
    };
  };
  await logTraffic(project, upTo(2, 0), "two-days");
  const early = (await decideOnline({ project, name: "small-model" }, clockAt(day(2)))).computed;
  await logTraffic(project, upTo(7, 2), "the-rest");
  const last = await decideOnline({ project, name: "small-model" }, clockAt(day(7.2)));
  const told = [
    `${early.verdict}: ${early.sentence}`,
    `${last.computed.verdict}: ${last.computed.sentence}`,
  ].join("\n");
  expect(`${told}\n`).toBe(block("text"));
  expect((await verifyDecision(project, last.run, clockAt(day(8)))).verdict).toBe(last.computed.verdict);
});
