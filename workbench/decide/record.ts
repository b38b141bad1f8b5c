import { posix } from "node:path";
import { z } from "zod";
import { canonical, digestOf } from "../schema/canonical.ts";
import type { Decision } from "../schema/decision.ts";
import { Policy } from "../schema/policy.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { compare } from "./compare.ts";
import type { EvalRun, EvidenceRef } from "./evidence.ts";
import { armOf, evidenceRef } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import { ESTIMATORS, policyDigest } from "./policy.ts";

type Computed = Decision["computed"];

/** `runs/<decision>/policy.json`: the rules as they were, with every default filled in. */
export const PolicySnapshot = z.strictObject({
  policy: Policy,
  estimators: z.array(z.string()),
});

export function policySnapshot(policy: Policy): z.infer<typeof PolicySnapshot> {
  return { policy, estimators: [...ESTIMATORS] };
}

/**
 * Raised whenever the code that makes `computed` says or calculates anything differently: the same
 * evidence then gives a new decision, and an old one is not mistaken for a tampered one.
 */
export const RECORD_VERSION = 2;

/** The manifest's `inputs`: what names a decision, and all that computing it again needs. */
export const DecisionInputs = z.looseObject({
  recordVersion: z.number().int(),
  policySha256: z.string(),
  baseline: z.strictObject({ run: z.string(), arm: z.string(), resultSha256: z.string() }),
  candidate: z.strictObject({ run: z.string(), arm: z.string(), resultSha256: z.string() }),
  factsSha256: z.string(),
});
export type DecisionInputs = z.infer<typeof DecisionInputs>;

export interface RecordInput {
  readonly runs: { readonly baseline: EvalRun; readonly candidate: EvalRun };
  readonly arms: { readonly baseline: string; readonly candidate: string };
  readonly policy: Policy;
  readonly facts: Facts;
  readonly seed: number;
  readonly refs: readonly EvidenceRef[];
}

/** All of `computed`, from rows, rules and facts alone; `decide` and `verify` both call this. */
export function computedOf({ runs, arms, policy, facts, seed, refs }: RecordInput): Computed {
  const baseline = armOf(runs.baseline, arms.baseline);
  const candidate = armOf(runs.candidate, arms.candidate);
  const { checks: context, training } = facts;
  const compared = compare({ evidence: { baseline, candidate }, policy, seed, context, training });
  const named = ({ arm: { arm, model, digest, run } }: typeof baseline): Computed["baseline"] => ({
    arm,
    model,
    digest,
    run,
  });
  return {
    question: policy.question,
    policy: { name: policy.name, sha256: policyDigest(policy) },
    evidence: [...refs],
    baseline: named(baseline),
    candidate: named(candidate),
    suite: candidate.suite.name,
    suiteSha256: candidate.suite.sha256,
    seed,
    ...compared,
  };
}

/** The evidence files in a fixed order: those of the runs, training, then the decision's own. */
export async function evidenceRefs(
  project: Project,
  parts: {
    readonly runs: readonly EvalRun[];
    readonly training: EvidenceRef | null;
    readonly decision: string;
  },
  effects: Effects,
): Promise<readonly EvidenceRef[]> {
  const own = async (file: string, role: string): Promise<EvidenceRef> => ({
    ...(await evidenceRef(project, posix.join("runs", parts.decision, file), effects)),
    role,
    rows: 1,
  });
  const refs = [
    ...parts.runs.flatMap((run) => run.refs),
    ...(parts.training === null ? [] : [parts.training]),
    await own("policy.json", "policy"),
    await own("facts.json", "facts"),
  ];
  return refs.filter((ref, i) => refs.findIndex((other) => other.path === ref.path) === i);
}

/** The record's id: SHA-256 of canonical `computed`. */
export function recordId(computed: Computed): string {
  return digestOf(computed);
}

/** True when two values are the same bytes in canonical form. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}
