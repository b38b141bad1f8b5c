import { join } from "node:path";
import { SampleRow } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { openHashedFile } from "../store/hashed-file.ts";
import type { Evaluation } from "./evaluate.ts";
import { readRows } from "./read-rows.ts";

/** How many cases of an arm became what. */
interface Counts {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
}

/**
 * Writes a run as JUnit XML: a test suite per arm, a test case per sample and epoch. A wrong answer is
 * a failure, a failed call an error, an unscored or left-out sample skipped. A suite's counts stand
 * before its cases, so the rows are read once to count and once for each arm; none are held.
 */
export async function writeJunit(
  { folder, result }: Pick<Evaluation, "folder" | "result">,
  path: string,
  effects: Effects,
): Promise<void> {
  const rows = join(folder, "samples.jsonl");
  const arms = new Map<string, Counts>();
  for await (const { value } of readRows(rows, effects)) {
    const row = SampleRow.parse(value);
    const counts = arms.get(row.arm) ?? { tests: 0, failures: 0, errors: 0, skipped: 0 };
    arms.set(row.arm, counts);
    counts.tests++;
    const outcome = outcomeOf(row);
    if (outcome !== "passed") counts[outcome]++;
  }
  const file = await openHashedFile(`${path}.tmp`, effects);
  await file.add('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n');
  for (const [arm, { tests, failures, errors, skipped }] of arms) {
    await file.add(
      `  <testsuite name="${xml(`${result.suite.name} ${arm}`)}" tests="${tests}" ` +
        `failures="${failures}" errors="${errors}" skipped="${skipped}">\n`,
    );
    for await (const { value } of readRows(rows, effects))
      if ((value as SampleRow).arm === arm) await file.add(caseOf(value as SampleRow, result.suite.primary));
    await file.add("  </testsuite>\n");
  }
  await file.add("</testsuites>\n");
  await file.keep(() => path);
}

function outcomeOf({ success, status }: SampleRow): "passed" | Exclude<keyof Counts, "tests"> {
  if (success === true) return "passed";
  if (status === "failed") return "errors";
  return success === null ? "skipped" : "failures";
}

function caseOf(row: SampleRow, primary: string): string {
  const name = row.epoch > 1 ? `${row.label} (epoch ${row.epoch})` : row.label;
  const time = row.latencyMs === null ? "" : ` time="${(row.latencyMs / 1000).toFixed(6)}"`;
  const head = `    <testcase classname="${xml(row.arm)}" name="${xml(`${name} ${row.sampleId.slice(0, 12)}`)}"${time}`;
  const reason = row.scores[primary]?.reason ?? "";
  switch (outcomeOf(row)) {
    case "passed":
      return `${head}/>\n`;
    case "errors":
      return `${head}><error type="${xml(row.error?.code ?? "")}" message="${xml(row.error?.message ?? "")}"/></testcase>\n`;
    case "skipped":
      return `${head}><skipped message="${xml(row.status === "contaminated" ? "in the training data" : reason)}"/></testcase>\n`;
    case "failures":
      return `${head}><failure message="${xml(reason)}">${xml(row.output ?? "")}</failure></testcase>\n`;
  }
}

/** Text as XML 1.0 takes it: escaped, without the characters that no XML may hold. */
function xml(text: string): string {
  const allowed = text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
  return allowed.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
