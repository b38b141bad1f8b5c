import type { HealthCheck } from "../schema/decision.ts";
import { chiSquareUpper } from "../stats/distribution.ts";
import { isRefused } from "../stats/refused.ts";
import { sampleRatio } from "../stats/sample-ratio.ts";

/** One unit's first contact with an experiment, as the exposure log holds it. */
export interface Exposure {
  /** Unit pseudonym: user, tenant, conversation; never a request. */
  readonly unit: string;
  readonly arm: "baseline" | "candidate";
  readonly at: string;
  /** The unit's arm in an experiment that runs at the same time, where there is one. */
  readonly otherArm?: string;
}

export interface ExposurePlan {
  /** Shares of baseline and candidate as declared. */
  readonly split: readonly [number, number];
  /** The sample-ratio check fails below this p. */
  readonly srm: number;
}

/** Checks on who was shown what, before any number of an online experiment is read. */
export function exposureChecks(
  exposures: readonly Exposure[],
  { split, srm }: ExposurePlan,
): readonly HealthCheck[] {
  const arms = new Map<string, Set<string>>();
  for (const { unit, arm } of exposures) arms.set(unit, (arms.get(unit) ?? new Set()).add(arm));
  const crossed = [...arms.values()].filter((set) => set.size > 1).length;
  const keys = new Set(exposures.map(({ unit, arm, at }) => `${unit}\u0000${arm}\u0000${at}`));
  const repeats = exposures.length - keys.size;
  return [
    ratioCheck(arms, split, srm),
    check("no unit in both arms", crossed > 0 ? `${crossed} units were in both arms` : null, "crossover"),
    check(
      "no exposure twice",
      repeats > 0 ? `${repeats} exposures are logged twice` : null,
      "duplicate-exposure",
    ),
    otherExperimentCheck(exposures, srm),
  ];
}

function ratioCheck(
  arms: ReadonlyMap<string, ReadonlySet<string>>,
  split: readonly [number, number],
  srm: number,
): HealthCheck {
  const count = (arm: string): number => [...arms.values()].filter((set) => set.has(arm)).length;
  const counts = [count("baseline"), count("candidate")];
  const test = sampleRatio(counts, split);
  const flaw = isRefused(test)
    ? test.reason
    : test.p < srm
      ? `${counts.join(" and ")} units where ${split.join(" to ")} was planned (p ${test.p.toExponential(1)})`
      : null;
  return check("sample ratio", flaw, "srm");
}

/** An unsalted bucket puts the same people in the same arm of every experiment. */
function otherExperimentCheck(exposures: readonly Exposure[], srm: number): HealthCheck {
  const known = exposures.filter((one) => one.otherArm !== undefined);
  const others = [...new Set(known.map((one) => one.otherArm ?? ""))].sort();
  let chiSquare = 0;
  for (const arm of ["baseline", "candidate"])
    for (const other of others) {
      const row = known.filter((one) => one.arm === arm).length;
      const column = known.filter((one) => one.otherArm === other).length;
      const expected = (row * column) / known.length;
      const seen = known.filter((one) => one.arm === arm && one.otherArm === other).length;
      if (expected > 0) chiSquare += ((seen - expected) * (seen - expected)) / expected;
    }
  const isLinked = others.length > 1 && chiSquareUpper(chiSquare, others.length - 1) < srm;
  const flaw = isLinked ? "arms follow those of an experiment that runs at the same time" : null;
  return check("independent of other experiments", flaw, "assignment-correlated");
}

function check(name: string, flaw: string | null, code: string): HealthCheck {
  return { check: name, passed: flaw === null, detail: flaw ?? "as planned", code, severity: "invalid" };
}
