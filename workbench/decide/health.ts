import type { HealthCheck } from "../schema/decision.ts";
import { digestOf } from "../schema/canonical.ts";
import type { Policy } from "../schema/policy.ts";
import { PriceRow } from "../schema/price.ts";
import type { ArmRef, EvalResult, SampleRow } from "../schema/run.ts";
import { isScore, metricName, metricValue } from "./metric.ts";
import type { Item } from "./pairs.ts";
import { contentOf, isUsable } from "./pairs.ts";
import { slippedAnswers } from "./neighbours.ts";
import { pairedValues } from "./values.ts";

/** One arm's evidence: what was run, and its rows. */
export interface ArmEvidence {
  readonly arm: ArmRef;
  readonly suite: EvalResult["suite"];
  readonly scorers: EvalResult["scorers"];
  readonly rows: readonly SampleRow[];
}

export interface Evidence {
  readonly baseline: ArmEvidence;
  readonly candidate: ArmEvidence;
}

type Check = (evidence: Evidence, items: readonly Item[], policy: Policy) => HealthCheck;

/** Every check of the comparison itself, in the order a page shows them; none reads an effect. */
export function healthChecks(
  evidence: Evidence,
  items: readonly Item[],
  policy: Policy,
): readonly HealthCheck[] {
  return CHECKS.map((check) => check(evidence, items, policy));
}

const sameVersions: Check = ({ baseline, candidate }) => {
  const flaws: string[] = [];
  if (baseline.suite.sha256 !== candidate.suite.sha256) flaws.push("the suites differ");
  for (const scorer of baseline.scorers) {
    const twin = candidate.scorers.find((other) => other.name === scorer.name);
    if (twin && twin.sha256 !== scorer.sha256) flaws.push(`scorer ${scorer.name} differs`);
  }
  const [a, b] = [pricesOf(baseline.arm), pricesOf(candidate.arm)];
  if (a !== null && b !== null && a.of === b.of && a.sha256 !== b.sha256)
    flaws.push(`the prices of ${a.of} differ between the arms`);
  return check("same suite, scorers and prices", flaws, "version-mismatch", "the same in both arms");
};

/**
 * What an arm was priced by, as its reference in the run says: a dated price row, or the digest of a
 * whole table. Null when it was not priced.
 */
export function pricesOf(arm: ArmRef): { readonly of: string; readonly sha256: string } | null {
  const prices = arm.prices as { tableSha256?: unknown } | null | undefined;
  if (typeof prices?.tableSha256 === "string") return { of: "the table", sha256: prices.tableSha256 };
  const row = PriceRow.safeParse(prices);
  return row.success ? { of: `${row.data.model} (${row.data.tier})`, sha256: digestOf(row.data) } : null;
}

const noDuplicates: Check = ({ baseline, candidate }, items) => {
  const flaws: string[] = [];
  for (const { rows, arm } of [baseline, candidate]) {
    const keys = new Set(rows.map((row) => `${row.sampleId} ${row.epoch}`));
    if (keys.size < rows.length) flaws.push(`${rows.length - keys.size} rows of ${arm.arm} appear twice`);
  }
  // Equal content inside one cluster is a declared repeat; across clusters it inflates n.
  const seen = new Set<string>();
  let repeats = 0;
  for (const item of items) {
    const row = item.baseline[0] ?? item.candidate[0];
    if (!row) continue;
    const content = contentOf(row);
    if (item.cluster === null && seen.has(content)) repeats++;
    seen.add(content);
  }
  if (repeats > 0.01 * items.length)
    flaws.push(`${repeats} of ${items.length} items repeat another's content`);
  return check("no item twice", flaws, "duplicate-items", `${items.length} different items`);
};

const samePairs: Check = ({ baseline, candidate }, items) => {
  const broken = items.filter((item) => {
    const contents = new Set([...item.baseline, ...item.candidate].map(contentOf));
    return contents.size > 1;
  });
  const flaws = broken.length > 0 ? [`${broken.length} pairs do not hold the same question`] : [];
  for (const { arm, rows } of [baseline, candidate]) {
    const slip = slippedAnswers(rows);
    if (slip !== null) flaws.push(`${arm.arm}: ${slip}`);
  }
  return check("pairs hold the same item", flaws, "pairing-broken", "each pair is one item in both arms");
};

const equalLoss: Check = (_evidence, items, policy) => {
  const { field } = metricName(policy.primary.metric);
  const usable = items.filter(isUsable);
  const lost = (arm: "baseline" | "candidate"): number =>
    usable.filter((item) => item[arm].every((row) => metricValue(row, field) === null)).length;
  const [a, b] = [lost("baseline"), lost("candidate")];
  const total = usable.length;
  const { maxShare, maxGapPoints } = policy.missing;
  const flaws: string[] = [];
  const text = `lost ${a} of ${total} in the baseline and ${b} in the candidate`;
  if (total === 0) flaws.push("there are no pairs");
  else if (a === total && b === total) flaws.push(absentText(field, usable));
  else if (Math.max(a, b) > maxShare * total || Math.abs(a - b) * 100 > maxGapPoints * total)
    flaws.push(text);
  return check("no unequal loss", flaws, "unequal-loss", text);
};

/** A policy that was written for another suite asks for a score that this one does not give. */
function absentText(metric: string, items: readonly Item[]): string {
  const scores = new Set(
    items.flatMap(({ baseline, candidate }) =>
      [...baseline, ...candidate].flatMap((row) => Object.keys(row.scores)),
    ),
  );
  const there = scores.size === 0 ? "nothing was scored" : `the scores are ${[...scores].sort().join(", ")}`;
  return `the policy's primary metric ${metric} is in no row of either arm: ${there}`;
}

const notContaminated: Check = (_evidence, items, policy) => {
  // The evaluation sets an item aside in both arms; one that is only flagged still counts as evidence.
  const left = items.filter((item) => {
    const rows = [...item.baseline, ...item.candidate];
    const isFlagged = rows.some((row) => row.status === "contaminated" || row["contaminated"] === true);
    return isFlagged && rows.some((row) => row.status === "scored");
  }).length;
  const aside = items.filter((item) => !isUsable(item)).length - left;
  const flaws =
    left > policy.health.contaminated ? [`${left} items of the training data are in the evidence`] : [];
  const note = aside > 0 ? `${Math.max(0, aside)} items were set aside before scoring` : "none found";
  return check("no overlap with training", flaws, "contaminated", note);
};

const scorersTell: Check = (_evidence, items, policy) => {
  const declared = [policy.primary, ...policy.guardrails].map((rule) => rule.metric);
  const flaws = declared.flatMap((metric) => {
    const values = pairedValues(items, metric);
    if (!isScore(values.field) || values.isBinary || values.baseline.length < 2) return [];
    const all = [...values.baseline, ...values.candidate];
    return all.every((value) => value === all[0] && value !== 0 && value !== 1)
      ? [`${metric} is ${all[0] ?? ""} for every item in both arms`]
      : [];
  });
  return check("scorers tell items apart", flaws, "scorer-degenerate", "scores vary");
};

const enoughClusters: Check = (_evidence, items) => {
  const count = clusterCount(items);
  const flaws = count !== null && count < 2 ? ["all items belong to one cluster"] : [];
  const note = count === null ? "items are independent" : `${count} clusters`;
  return check("more than one cluster", flaws, "too-few-clusters", note);
};

const declaredUnit: Check = ({ baseline, candidate }, _items, policy) => {
  const by = policy.offline.clusterBy;
  const isNamed = by !== "auto" && by !== "none";
  const bare = [...baseline.rows, ...candidate.rows].filter((row) => row.cluster === null).length;
  const flaws = isNamed && bare > 0 ? [`${bare} rows do not say which ${by} they belong to`] : [];
  return check(
    "the unit is the declared one",
    flaws,
    "unit-mismatch",
    isNamed ? `clustered by ${by}` : "sample",
  );
};

const wellClustered: Check = (_evidence, items, policy) => {
  const count = clusterCount(items);
  const least = policy.health.minClusters;
  const flaws = count !== null && count < least ? [`${count} clusters where the policy wants ${least}`] : [];
  const note = count === null ? "not needed: items are independent" : `${count} clusters`;
  return { ...check("enough clusters", flaws, "few-clusters", note), severity: "inconclusive" };
};

const CHECKS: readonly Check[] = [
  sameVersions,
  noDuplicates,
  samePairs,
  equalLoss,
  notContaminated,
  scorersTell,
  declaredUnit,
  enoughClusters,
  wellClustered,
];

/** How many clusters the items fall into, or null when each stands alone. */
function clusterCount(items: readonly Item[]): number | null {
  const names = items.map((item) => item.cluster ?? `\u0000${item.sampleId}`);
  const count = new Set(names).size;
  return count < items.length ? count : null;
}

function check(name: string, flaws: readonly string[], code: string, good: string): HealthCheck {
  const detail = flaws.length > 0 ? flaws.join("; ") : good;
  return { check: name, passed: flaws.length === 0, detail, code, severity: "invalid" };
}
