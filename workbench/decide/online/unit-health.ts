import type { HealthCheck } from "../../schema/decision.ts";
import type { Arm } from "../../schema/experiment.ts";
import type { Policy } from "../../schema/policy.ts";
import { chiSquareUpper } from "../../stats/distribution.ts";
import { newcombe } from "../../stats/newcombe.ts";
import { isRefused } from "../../stats/refused.ts";
import { sampleRatio } from "../../stats/sample-ratio.ts";
import { stagePlan } from "./assign.ts";
import type { ArmCount, MetricSums, UnitCounts } from "./readings.ts";

/** Everything that is checked before a number of an experiment is read, in the order a page shows it. */
export function unitChecks(
  seen: UnitCounts,
  sums: readonly MetricSums[],
  policy: Policy,
): readonly HealthCheck[] {
  return [
    ...ratioChecks(seen, policy),
    oneArm(seen),
    onceEach(seen),
    asHashed(seen),
    apart(seen, policy),
    sameUnit(seen, policy),
    sameClock(seen),
    noGap(seen),
    equalLoss(seen, sums, policy),
    ...enoughUnits(seen, policy),
  ];
}

type Split = readonly [number, number];

/** Units of the smaller arm in the stages that are a test, over both arms, and in all. */
export function unitsOf(
  counts: readonly ArmCount[],
  split: Split,
): { readonly smaller: number; readonly total: number } {
  const inTest = counts.filter(({ stage, slice }) => slice === null && stagePlan(stage, split).isTest);
  const of = (arm: Arm): number => total(inTest.filter((one) => one.arm === arm));
  return { smaller: Math.min(of("baseline"), of("candidate")), total: total(inTest) };
}

function total(counts: readonly ArmCount[]): number {
  return counts.reduce((sum, { units }) => sum + units, 0);
}

/** Overall, per stage and per slice; the parts share the error, because any of them suffices. */
function ratioChecks({ counts }: UnitCounts, { online, health }: Policy): readonly HealthCheck[] {
  const whole = counts.filter(({ slice }) => slice === null);
  const stages = [...new Set(whole.map(({ stage }) => stage))].sort((a, b) => a - b);
  const test = whole.filter(({ stage }) => stagePlan(stage, online.split).isTest);
  const slices = [...new Set(counts.map(({ slice }) => slice))].filter((slice) => slice !== null).sort();
  const byStage = stages.filter((stage) => candidateShare(stage, online.split) < 1);
  const perStage = byStage.map((stage) =>
    mismatch(
      `stage ${stage} %`,
      whole.filter((one) => one.stage === stage),
      {
        share: candidateShare(stage, online.split),
        level: health.srm / byStage.length,
      },
    ),
  );
  const perSlice = slices.map((slice) =>
    mismatch(
      slice,
      counts.filter((one) => one.slice === slice && stagePlan(one.stage, online.split).isTest),
      { share: online.split[1], level: health.srm / slices.length },
    ),
  );
  const overall = mismatch("all units", test, { share: online.split[1], level: health.srm });
  return [
    check("sample ratio", [overall], "srm"),
    check("sample ratio per stage", perStage, "srm"),
    check("sample ratio per slice", perSlice, "srm"),
  ];
}

function candidateShare(stage: number, split: Split): number {
  return 1 - stagePlan(stage, split).candidateFrom / 10_000;
}

function mismatch(
  name: string,
  counts: readonly ArmCount[],
  { share, level }: { readonly share: number; readonly level: number },
): string | null {
  const arms = (["baseline", "candidate"] as const).map((arm) =>
    total(counts.filter((one) => one.arm === arm)),
  );
  // Nobody was exposed yet: that is too few units, and no mismatch.
  if (total(counts) === 0) return null;
  const test = sampleRatio(arms, [1 - share, share]);
  if (isRefused(test)) return `${name}: ${test.reason}`;
  return test.p < level
    ? `${name}: ${arms.join(" and ")} units where ${Number((1 - share).toFixed(4))} to ${Number(share.toFixed(4))} was planned (p ${test.p.toExponential(1)})`
    : null;
}

function oneArm({ flaws }: UnitCounts): HealthCheck {
  return check(
    "no unit in both arms",
    [flaws.crossed > 0 ? `${flaws.crossed} units were in both arms` : null],
    "crossover",
  );
}

function onceEach({ flaws }: UnitCounts): HealthCheck {
  const flaw = flaws.repeats > 0 ? `${flaws.repeats} exposures are logged twice` : null;
  return check("no exposure twice", [flaw], "duplicate-exposure");
}

function asHashed({ flaws }: UnitCounts): HealthCheck {
  const flaw =
    flaws.astray > 0 ? `${flaws.astray} exposures are not in the arm that the salt gives them` : null;
  return check("arms as hashed", [flaw], "assignment-broken");
}

/** An unsalted bucket puts the same people into the same arm of every experiment. */
function apart({ others }: UnitCounts, { health }: Policy): HealthCheck {
  const names = [...new Set(others.map(({ experiment }) => experiment))];
  const flaws = names.map((name) => {
    const cells = others.filter(({ experiment }) => experiment === name);
    const p = independence(cells);
    return p < health.srm / names.length ? `arms follow those of ${name} (p ${p.toExponential(1)})` : null;
  });
  return check("independent of other experiments", flaws, "assignment-correlated");
}

/** Pearson's χ² of a table of arms; 1 where there is nothing to compare. */
function independence(
  cells: readonly { readonly arm: string; readonly other: string; readonly units: number }[],
): number {
  const sum = (is: (cell: (typeof cells)[number]) => boolean): number =>
    cells.filter(is).reduce((all, { units }) => all + units, 0);
  const n = sum(() => true);
  const others = [...new Set(cells.map(({ other }) => other))];
  const arms = [...new Set(cells.map(({ arm }) => arm))];
  if (others.length < 2 || arms.length < 2) return 1;
  let chiSquare = 0;
  for (const arm of arms)
    for (const other of others) {
      const expected = (sum((cell) => cell.arm === arm) * sum((cell) => cell.other === other)) / n;
      const seen = sum((cell) => cell.arm === arm && cell.other === other);
      chiSquare += ((seen - expected) * (seen - expected)) / expected;
    }
  return chiSquareUpper(chiSquare, (others.length - 1) * (arms.length - 1));
}

/** Requests logged as units, or units that the logs do not know: then the analysis has another unit. */
function sameUnit({ flaws }: UnitCounts, { online }: Policy): HealthCheck {
  const { units, without_rows: lost } = flaws;
  const flaw =
    units > 0 && lost > 0.9 * units
      ? `${lost} of ${units} exposed units are no ${online.unit} of the logs since their exposure`
      : null;
  return check(`the unit is the ${online.unit}`, [flaw], "unit-mismatch");
}

function sameClock({ flaws }: UnitCounts): HealthCheck {
  const few = Math.max(2, 0.01 * flaws.units);
  return check(
    "one clock",
    [
      flaws.only_before > few
        ? `${flaws.only_before} units have rows in the day before their exposure and none after it`
        : null,
      flaws.before_start > Math.max(2, 0.01 * flaws.exposures)
        ? `${flaws.before_start} exposures lie before the experiment's start`
        : null,
    ],
    "clock-shifted",
  );
}

function noGap({ flaws }: UnitCounts): HealthCheck {
  const flaw = flaws.gap_days > 0 ? `${flaws.gap_days} days have calls and no exposure` : null;
  return { ...check("no gap in the exposures", [flaw], "exposure-gap"), severity: "inconclusive" };
}

/** The share of exposed units without a value of the primary metric may not differ between the arms. */
function equalLoss(
  { counts }: UnitCounts,
  sums: readonly MetricSums[],
  { primary, missing, online }: Policy,
): HealthCheck {
  const field = primary.metric.replace(/\.p\d.*$/, "");
  const lost = (arm: Arm): { readonly events: number; readonly trials: number } => {
    const isIn = (one: {
      readonly arm: Arm;
      readonly slice: string | null;
      readonly stage: number;
    }): boolean => one.arm === arm && one.slice === null && stagePlan(one.stage, online.split).isTest;
    const trials = total(counts.filter(isIn));
    const kept = sums.filter((one) => isIn(one) && one.metric === field);
    return { events: trials - kept.reduce((sum, one) => sum + Number(one.units), 0), trials };
  };
  const [a, b] = [lost("baseline"), lost("candidate")];
  const gap = newcombe(a, b, 0.0005);
  const isUneven =
    !isRefused(gap) && Math.abs(gap.estimate) * 100 > missing.maxGapPoints && gap.lower * gap.upper > 0;
  const text = `${a.events} of ${a.trials} units have no ${field} in the baseline, ${b.events} of ${b.trials} in the candidate`;
  return { ...check("no unequal loss", [isUneven ? text : null], "unequal-loss"), detail: text };
}

function enoughUnits({ counts }: UnitCounts, { online, health }: Policy): readonly HealthCheck[] {
  const { smaller, total: all } = unitsOf(counts, online.split);
  const none =
    all > 0 && smaller < 2
      ? `${smaller} units in the smaller arm: no difference between units can be seen`
      : null;
  const few =
    smaller < health.minClusters
      ? `${smaller} units in the smaller arm where ${health.minClusters} are needed`
      : null;
  return [
    check("more than one unit in each arm", [none], "too-few-clusters"),
    { ...check("enough units", [few], "few-clusters"), severity: "inconclusive" },
  ];
}

function check(name: string, flaws: readonly (string | null)[], code: string): HealthCheck {
  const found = flaws.filter((flaw) => flaw !== null);
  const detail = found.length > 0 ? found.join("; ") : "as planned";
  return { check: name, passed: found.length === 0, detail, code, severity: "invalid" };
}
