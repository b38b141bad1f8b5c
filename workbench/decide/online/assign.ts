import { createHash } from "node:crypto";
import type { Arm } from "../../schema/experiment.ts";

/** Buckets of traffic; the arm's hash has as many. */
export const BUCKETS = 10_000;

/**
 * The first 8 bytes of SHA-256 of the text, big-endian, modulo 10000. `sql/assign.sql` says the same.
 * Worked value: `bucketOf("support-2026-47:user-000123")` is 4328.
 */
export function bucketOf(text: string): number {
  const first = createHash("sha256").update(text).digest().readBigUInt64BE();
  return Number(first % BigInt(BUCKETS));
}

/** Who takes part at a stage, and what share of them gets the candidate. */
export interface StagePlan {
  /** Units whose bucket is below this take part. */
  readonly bucketsBelow: number;
  /** Arm numbers from this on get the candidate. */
  readonly candidateFrom: number;
  /** True while baseline and candidate run side by side in the declared split. */
  readonly isTest: boolean;
}

/**
 * Stage `percent` gives that share of all traffic to the candidate. While the declared split allows
 * it, the ramp only widens who takes part, beside a concurrent baseline; beyond that everyone takes
 * part and more of the baseline's units move over. Nobody ever leaves the candidate as it rises.
 * Worked value: 10 % at an even split is buckets below 2000, arm numbers from 5000.
 */
export function stagePlan(percent: number, split: readonly [number, number]): StagePlan {
  const share = split[1];
  const isTest = percent <= 100 * share + 1e-9;
  return {
    bucketsBelow: isTest ? Math.min(BUCKETS, Math.round((percent / 100 / share) * BUCKETS)) : BUCKETS,
    candidateFrom: Math.round((1 - (isTest ? share : percent / 100)) * BUCKETS),
    isTest,
  };
}

/** A unit's place in an experiment; `arm` null is "not in it at this stage". */
export interface Assignment {
  readonly unit: string;
  readonly bucket: number;
  readonly armNumber: number;
  readonly arm: Arm | null;
}

/** Assigns a unit: one hash for who takes part, a second for the arm, both under the experiment's salt. */
export function assign(
  unit: string,
  {
    salt,
    percent,
    split,
  }: { readonly salt: string; readonly percent: number; readonly split: readonly [number, number] },
): Assignment {
  const bucket = bucketOf(`${salt}:${unit}`);
  const armNumber = bucketOf(`${salt}:arm:${unit}`);
  const { bucketsBelow, candidateFrom } = stagePlan(percent, split);
  const arm = bucket >= bucketsBelow ? null : armNumber >= candidateFrom ? "candidate" : "baseline";
  return { unit, bucket, armNumber, arm };
}

/** The most traffic on the candidate at which both arms still run in the declared split. */
export function mostTestStage(split: readonly [number, number]): number {
  return 100 * split[1] + 1e-9;
}
