import { join } from "node:path";
import { SampleRow } from "../schema/run.ts";
import { replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import type { Evaluation } from "./evaluate.ts";
import { readRows } from "./read-rows.ts";

interface Counts {
  readonly cases: string[];
  failures: number;
  errors: number;
  skipped: number;
}

/**
 * Writes a run as JUnit XML: a test suite per arm, a test case per sample and epoch. A wrong answer is
 * a failure, a failed call an error, an unscored or left-out sample skipped.
 */
export async function writeJunit(
  evaluation: Pick<Evaluation, "folder" | "result">,
  path: string,
  effects: Effects,
): Promise<void> {
  const arms = new Map<string, Counts>();
  for await (const { value } of readRows(join(evaluation.folder, "samples.jsonl"), effects)) {
    const row = SampleRow.parse(value);
    const counts = arms.get(row.arm) ?? { cases: [], failures: 0, errors: 0, skipped: 0 };
    arms.set(row.arm, counts);
    counts.cases.push(caseOf(row, evaluation.result.suite.primary, counts));
  }
  const suites = [...arms].map(
    ([arm, { cases, failures, errors, skipped }]) =>
      `  <testsuite name="${xml(`${evaluation.result.suite.name} ${arm}`)}" tests="${cases.length}" ` +
      `failures="${failures}" errors="${errors}" skipped="${skipped}">\n${cases.join("")}  </testsuite>\n`,
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}</testsuites>\n`;
  await replaceFile(path, text, effects);
}

function caseOf(row: SampleRow, primary: string, counts: Counts): string {
  const name = row.epoch > 1 ? `${row.label} (epoch ${row.epoch})` : row.label;
  const time = row.latencyMs === null ? "" : ` time="${(row.latencyMs / 1000).toFixed(6)}"`;
  const head = `    <testcase classname="${xml(row.arm)}" name="${xml(`${name} ${row.sampleId.slice(0, 12)}`)}"${time}`;
  const reason = row.scores[primary]?.reason ?? "";
  if (row.success === true) return `${head}/>\n`;
  if (row.status === "failed") {
    counts.errors++;
    return `${head}><error type="${xml(row.error?.code ?? "")}" message="${xml(row.error?.message ?? "")}"/></testcase>\n`;
  }
  if (row.success === null) {
    counts.skipped++;
    return `${head}><skipped message="${xml(row.status === "contaminated" ? "in the training data" : reason)}"/></testcase>\n`;
  }
  counts.failures++;
  return `${head}><failure message="${xml(reason)}">${xml(row.output ?? "")}</failure></testcase>\n`;
}

/** Text as XML 1.0 takes it: escaped, without the characters that no XML may hold. */
function xml(text: string): string {
  const allowed = text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
  return allowed.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
