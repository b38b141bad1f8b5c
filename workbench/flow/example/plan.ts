import type { TrafficPlan } from "./traffic.ts";

/**
 * The key of the example's pseudonyms. It is public on purpose: the people are invented, and with one
 * key everybody's example gives the same digests. Real projects get a secret key of their own.
 */
export const EXAMPLE_KEY: Uint8Array = Buffer.from("workbench example key, not secret");

/** The weeks of traffic the example learns from. */
export const BASE_WEEK: TrafficPlan = {
  label: "example-base",
  model: "tiny-base",
  seed: "a7",
  tickets: 1050,
  users: 60,
  care: "hurried",
  temperature: 0,
  startsAt: "2026-11-02T08:00:00.000Z",
};

export const SFT_WEEK: TrafficPlan = {
  label: "example-sft",
  model: "tiny-sft",
  seed: "b7",
  tickets: 1200,
  users: 60,
  care: "careful",
  temperature: 0.2,
  startsAt: "2026-11-09T08:00:00.000Z",
};

/** The same model in a third week, corrected by one desk alone: a selection nobody meant to make. */
export const DESK_WEEK: TrafficPlan = {
  ...SFT_WEEK,
  label: "example-desk",
  seed: "c7",
  care: "one-desk",
  startsAt: "2026-11-16T08:00:00.000Z",
};

/** What is asked of the measurements: who replaces whom, and under which rules. */
export const QUESTIONS = [
  { policy: "support-routing", baseline: "baseline", candidate: "tiny-sft" },
  { policy: "support-routing-dpo", baseline: "tiny-sft", candidate: "tiny-dpo-anchored" },
  { policy: "support-routing-dpo", baseline: "tiny-sft", candidate: "tiny-dpo-lossy" },
] as const;

export const SUITE = "support-routing";
export const CANDIDATES = ["tiny-sft", "tiny-dpo-anchored", "tiny-dpo-lossy"] as const;
