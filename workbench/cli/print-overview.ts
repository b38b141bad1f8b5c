import { printable } from "../errors/printable.ts";
import type { Calls, Figures, Overview } from "../report/overview/overview.ts";
import { grouped, level, usd } from "../report/format.ts";
import type { Output } from "./output.ts";
import { terminalTable } from "./terminal-table.ts";

const SHOWN = 12;

/** The store at a glance; null is an empty store. Unknown is blank, never 0. */
export function printOverview(overview: Overview | null, out: Output, width: number): void {
  if (overview === null || overview.imports.length === 0) {
    out.note("nothing is imported yet: workbench ingest <file>");
    return;
  }
  const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): void => {
    if (rows.length === 0) return;
    out.line();
    const numeric = head.map((_, n) => n).slice(1);
    const [first = "", ...rest] = terminalTable({ head: [title, ...head.slice(1)], rows, width, numeric });
    out.line(out.paint.bold(first));
    for (const line of rest) out.line(line);
  };
  if (overview.calls === null)
    out.line(
      overview.interactions === 0
        ? "no interaction is stored"
        : "fewer than five people made the calls: nothing is shown of them",
    );
  else printCalls(overview.calls, section, out);
  const { imports, quarantine, redactions, lossy } = overview;
  section(
    "import",
    ["", "read", "stored", "known", "quarantined", "blank"],
    imports
      .slice(0, SHOWN)
      .map((one) => [
        `${one.id.slice(0, 12)} ${printable(one.label)}${one.isConserved ? "" : " ✕"}`,
        ...[one.read, one.stored, one.known, one.quarantined, one.blank].map(grouped),
      ]),
  );
  if (imports.length > SHOWN)
    out.line(out.paint.dim(`… and ${imports.length - SHOWN} older imports, see --json`));
  section(
    "quarantine",
    ["", "records"],
    quarantine.map(({ reason, records }) => [reason, grouped(records)]),
  );
  section(
    "replaced",
    ["", "times"],
    redactions.map(({ entity, replaced }) => [printable(entity), grouped(replaced)]),
  );
  section(
    "kept beside the columns",
    ["", "values"],
    lossy
      .slice(0, SHOWN)
      .map(({ format, path, what, rows }) => [printable(`${path}: ${what} (${format})`), grouped(rows)]),
  );
}

type Section = (title: string, head: readonly string[], rows: readonly (readonly string[])[]) => void;

function printCalls(calls: Calls, section: Section, out: Output): void {
  const { total, withFeedback, period, periods, models, agents, feedback, quality } = calls;
  out.line(
    `${grouped(total.calls)} interactions, ${share(total.errors, total.calls)} errors, ${share(withFeedback, total.calls)} with feedback, cost as logged ${total.costUsd === null ? "not known" : `${usd(total.costUsd)} (${grouped(total.priced)} priced)`}`,
  );
  const head = ["", "calls", "errors", "tokens in", "out", "cost", "p50", "p95", "p99", "completed"];
  section("model", head, models.figures.map(figureRow));
  section("agent", head, agents.figures.map(figureRow));
  section(`last ${period}s`, head, periods.slice(-SHOWN).map(figureRow));
  section(
    "quality",
    ["", "known for", "mean", "95 % interval"],
    quality.map((one) => [
      one.measure,
      grouped(one.calls),
      level(one.mean, "share"),
      interval(one, (value) => level(value, "share")),
    ]),
  );
  section(
    "feedback",
    ["", "signals", "mean", "95 % interval"],
    feedback.map((one) => [
      printable(one.kind),
      grouped(one.signals),
      one.mean === null ? "" : one.mean.toFixed(3),
      interval(one, (value) => value.toFixed(3)),
    ]),
  );
}

const share = (count: number, of: number): string => (of === 0 ? "" : level(count / of, "share"));

function interval(
  { lower, upper }: { readonly lower: number | null; readonly upper: number | null },
  write: (value: number) => string,
): string {
  return lower === null || upper === null ? "" : `${write(lower)} to ${write(upper)}`;
}

function figureRow(one: Figures): readonly string[] {
  return [
    printable(one.key ?? "others"),
    grouped(one.calls),
    share(one.errors, one.calls),
    one.inputTokens === null ? "" : grouped(one.inputTokens),
    one.outputTokens === null ? "" : grouped(one.outputTokens),
    one.costUsd === null ? "" : usd(one.costUsd),
    ...[0, 1, 2].map((n) => (one.latencyMs?.[n] === undefined ? "" : level(one.latencyMs[n], "ms"))),
    one.completed === null ? "" : share(one.completed, one.completedKnown),
  ];
}
