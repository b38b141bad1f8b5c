import { printable } from "../errors/printable.ts";
import type { Evaluation } from "../evaluate/evaluate.ts";
import { money } from "./money.ts";
import type { Output } from "./output.ts";

type Shown = Pick<Evaluation, "id" | "result"> &
  Partial<
    Pick<
      Evaluation,
      "unchanged" | "resumed" | "startSkew" | "stored" | "spentUsd" | "duplicates" | "quarantined"
    >
  >;

/** The figures of a run as a table: metrics down, arms across. Blank is "not measured". */
export function printEvaluation(evaluation: Shown, out: Output): void {
  const { result, id } = evaluation;
  const { bold, dim, yellow } = out.paint;
  out.line(`${bold(result.suite.name)}  run ${id}${evaluation.unchanged === true ? "  unchanged" : ""}`);
  out.line(dim(countsOf(evaluation)));
  const names = result.arms.map(({ arm }) => arm);
  const rows = rowsOf(result);
  const width = Math.max(...rows.map(([label]) => label.length), 10);
  const columns = names.map((name, i) =>
    Math.max(name.length, ...rows.map(([, cells]) => cells[i]?.length ?? 0)),
  );
  const cellsOf = (cells: readonly string[]): string =>
    cells.map((cell, i) => cell.padStart(columns[i] ?? 0)).join("  ");
  out.line();
  out.line(bold(`${"".padEnd(width)}  ${cellsOf(names.map(printable))}`));
  for (const [label, cells] of rows) out.line(`${label.padEnd(width)}  ${cellsOf(cells)}`);
  out.line();
  for (const line of ordersOf(evaluation)) out.line(dim(printable(line)));
  for (const warning of warningsOf(evaluation)) out.line(yellow(printable(warning)));
}

function countsOf({ result, startSkew = null, resumed = 0, stored = 0, spentUsd = 0 }: Shown): string {
  const parts = [`${result.done} of ${result.planned} answers scored`, `${result.failed} failed`];
  if (result.notRun > 0)
    parts.push(`${result.notRun} not run${result.reason === null ? "" : ` (${result.reason})`}`);
  if (resumed > 0) parts.push(`resumed after ${resumed}`);
  if (stored > 0) parts.push(`${stored} from the store`);
  if (spentUsd > 0) parts.push(`${money(spentUsd)} spent now`);
  if (result.pairing) parts.push(`${result.pairing.complete} of ${result.pairing.planned} pairs complete`);
  if (startSkew)
    parts.push(
      `the answers of a pair were asked for within ${startSkew.p95Ms} ms of each other (95 % of pairs)`,
    );
  return parts.join(", ");
}

type Line = readonly [label: string, cells: readonly string[]];

function rowsOf(result: Shown["result"]): readonly Line[] {
  const line = (label: string, metric: string, format: (value: number) => string): Line | null => {
    const values = result.arms.map(({ arm }) => result.metrics[arm]?.[metric] ?? null);
    if (values.every((value) => value === null)) return null;
    return [label, values.map((value) => (value === null ? "" : format(value)))];
  };
  const scores = result.scorers.map(({ name }) => {
    const reduced = new Set(Object.values(result.metrics).flatMap((metrics) => Object.keys(metrics)));
    const more = [...reduced].filter((key) => key.startsWith(`${name}.pass`));
    return [
      line(name === result.suite.primary ? `${name} (primary)` : name, name, percent),
      ...more.map((key) => line(key, key, percent)),
    ];
  });
  const rest = [
    line("errors", "errorRate", percent),
    line("latency p50, ms", "latencyMs.p50", (ms) => ms.toFixed(1)),
    line("latency p95, ms", "latencyMs.p95", (ms) => ms.toFixed(1)),
    line("first token p50, ms", "ttftMs.p50", (ms) => ms.toFixed(1)),
    line("input tokens", "inputTokens", String),
    line("output tokens", "outputTokens", String),
    line("cost, $", "costUsd", (usd) => usd.toPrecision(4)),
    line("judges' cost, $", "judgeCostUsd", (usd) => usd.toPrecision(4)),
  ];
  return [...scores.flat(), ...rest].filter((one) => one !== null);
}

/** What a judge of pairs does when the places are exchanged. */
function ordersOf({ result }: Shown): readonly string[] {
  return (result.judges ?? []).flatMap(({ scorer, flipRate, firstPlaceShare: first }) =>
    flipRate === null
      ? []
      : [
          `${scorer}: ${percent(flipRate)} of the pairs flip when the places are exchanged` +
            (first === null ? "" : `; the first place gets ${percent(first)} of the verdicts`),
        ],
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

function warningsOf({ result, duplicates = 0, quarantined = [] }: Shown): readonly string[] {
  const out: string[] = [];
  const first = quarantined[0];
  if (first) out.push(`${quarantined.length} rows were left out; the first: ${first.place}: ${first.reason}`);
  if (duplicates > 0)
    out.push(`${duplicates} rows repeat an earlier one; each counts as a sample of its own`);
  const contaminated = Number(result["contaminated"] ?? 0);
  const { pairing } = result;
  if (pairing && pairing.promptsDiffer > 0)
    out.push(
      `the arms were asked differently in ${pairing.promptsDiffer} of ${pairing.planned} pairs: no decision can rest on this run`,
    );
  if (contaminated > 0)
    out.push(`${contaminated} answers left out: a candidate was trained on those samples`);
  if (result.notJudged)
    out.push(
      `${result.notJudged.answers} answers are not judged and have no score there (${result.notJudged.reason}); a larger --judge-budget-usd goes on and pays for nothing twice`,
    );
  for (const { name, note } of result.scorers) if (typeof note === "string") out.push(`${name}: ${note}`);
  for (const { name } of result.scorers) {
    const counts = result.arms.map(({ arm }) => result.metrics[arm]?.[`${name}.n`]);
    if (counts.some((n) => n === 0) && result.done > 0)
      out.push(`${name} could score no answer of an arm: workbench eval show <run> <sample> says why`);
  }
  for (const { scorer, advisory, kinship } of result.judges ?? []) {
    if (advisory.length > 0) out.push(`${scorer} is advisory: ${advisory.join("; ")}`);
    if (kinship.length > 0) out.push(`${scorer}: its judge is of the family of ${kinship.join(", ")}`);
  }
  const rates = result.arms.map(({ arm }) => result.metrics[arm]?.["errorRate"] ?? 0);
  if (Math.max(...rates) - Math.min(...rates) > 0.01)
    out.push("the arms' error rates differ by more than one point: no decision can rest on this run");
  return out;
}
