import type { Decision, MetricEffect } from "../../workbench/schema/decision.ts";
import { difference, interval, level } from "../../workbench/report/format.ts";

type Computed = Decision["computed"];

/** The judged metrics, the tests beside them, the pairs won and lost, and what would flip the verdict. */
export function decisionTables(computed: Computed): string {
  const judged = computed.effects.filter(({ role }) => role !== "shown");
  const { bothRight, broken, fixed, bothWrong } = computed.flips;
  return [
    "| metric | role | baseline | candidate | difference | interval | rule | n | method |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...judged.map(effectRow),
    "",
    ...besideLine(judged),
    `Pairs: ${bothRight} both right, ${fixed} only the candidate, ${broken} only the baseline, ${bothWrong} neither.`,
    computed.flip.length > 0 ? `What would flip it: ${computed.flip.join("; ")}.` : "",
    "",
  ].join("\n");
}

function effectRow(effect: MetricEffect): string {
  const { metric, role, unit, rule, n, clusters, estimator } = effect;
  const isFloor = role === "floor";
  const cells = [
    metric,
    role,
    isFloor ? "" : level(effect.baseline, unit),
    level(effect.candidate, unit),
    isFloor ? "" : difference(effect.estimate, unit),
    effect.refused ?? interval(effect.lower, effect.upper, unit),
    rule ?? "",
    clusters === null ? n : `${n} in ${clusters} clusters`,
    estimator,
  ];
  return `| ${cells.join(" | ")} |`;
}

function besideLine(effects: readonly MetricEffect[]): readonly string[] {
  const tests = effects.flatMap((effect) =>
    (effect.beside ?? []).map((beside) =>
      beside.p === null
        ? `${beside.test} ${interval(beside.lower, beside.upper, effect.unit)}`
        : `${beside.test} p = ${beside.p.toPrecision(2)}`,
    ),
  );
  return tests.length === 0 ? [] : [`Beside it, two-sided and not deciding: ${tests.join(", ")}.\n`];
}
