import type { ExitCode } from "../../errors/codes.ts";
import { printable } from "../../errors/printable.ts";
import { listRuns } from "../../evaluate/list.ts";
import { listSuites } from "../../evaluate/load.ts";
import { showSample } from "../../evaluate/show.ts";
import { explain } from "../../evaluate/why.ts";
import type { Context } from "../context.ts";
import { printEvaluation } from "../print-evaluation.ts";
import { terminalWidth } from "../print-rows.ts";
import { terminalTable } from "../terminal-table.ts";

/** The suites that are there, and their finished runs. */
export async function list({ project, out, effects }: Context): Promise<ExitCode> {
  const suites = await listSuites(project, effects);
  const runs = await listRuns(project, effects);
  const table = (heading: readonly string[], rows: readonly (readonly string[])[]): void => {
    const plain = rows.map((row) => row.map((cell) => printable(cell)));
    const [head = "", ...lines] = terminalTable({ head: heading, rows: plain, width: terminalWidth() });
    out.line(out.paint.bold(head));
    for (const line of lines) out.line(line);
  };
  if (suites.length === 0) out.note("no suite here yet: workbench eval new <name>");
  else
    table(
      ["suite", "file"],
      suites.map(({ name, file }) => [name, file]),
    );
  if (runs.length > 0) {
    out.line();
    table(
      ["finished run", "suite", "scored", "begun", "arms"],
      runs.map(({ id, suite, done, planned, at, arms }) => {
        return [id, suite, `${done} of ${planned}`, minuteOf(at), arms.join(", ")];
      }),
    );
  }
  out.result({ suites, runs });
  return 0;
}

/** Worked value: "2026-11-21T18:50:49.660Z" is "2026-11-21 18:50Z". */
const minuteOf = (at: string): string => `${at.slice(0, 16).replace("T", " ")}Z`;

/** A run's figures, or every arm's answer to one sample. */
export async function show(
  { project, out, effects }: Context,
  run: string,
  sample?: string,
): Promise<ExitCode> {
  const shown = await showSample(project, { run, sample: sample ?? null }, effects);
  if (shown.kind === "run") printEvaluation(shown.evaluation, out);
  else for (const line of shown.lines) out.line(line);
  out.result(shown);
  return 0;
}

/** Where a sample's answers came from. */
export async function why(
  { project, out, effects }: Context,
  run: string,
  sample: string,
): Promise<ExitCode> {
  const explained = await explain(project, { run, sample }, effects);
  for (const { sentence } of explained) out.line(sentence);
  if (explained.length === 0)
    out.note("no model answered it: its answers are recorded, or every call failed");
  out.result(explained);
  return 0;
}
