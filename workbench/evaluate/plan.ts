import { digestOf, sha256 } from "../schema/canonical.ts";
import type { OpenArm } from "./arm.ts";
import type { Items } from "./items.ts";
import type { BudgetLimits, Suite } from "./suite.ts";
import type { Sample } from "./types.ts";

/** One answer to get: this arm, this sample, this repeat. */
export interface Job {
  readonly arm: OpenArm;
  readonly sample: Sample;
  readonly epoch: number;
  /** Names the answer and its scoring: what is done is known by this, never by count or position. */
  readonly key: string;
}

/** All that a run will do, known before any of it is done. */
export interface Plan {
  readonly suite: Suite;
  readonly items: Items;
  readonly arms: readonly OpenArm[];
  /** Samples that an arm was trained on: no arm is asked them. */
  readonly contaminated: ReadonlySet<string>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly inputsSha256: string;
  readonly planned: number;
  readonly budget: BudgetLimits;
}

export async function makePlan(
  suite: Suite,
  items: Items,
  arms: readonly OpenArm[],
  more: { readonly fileSha256: string | null; readonly budget: BudgetLimits },
): Promise<Plan> {
  const contaminated = await contaminatedIn(items, arms);
  const inputs = {
    suite: { name: suite.name, sha256: suite.sha256, file: more.fileSha256 },
    items: { sha256: items.sha256, count: items.count, total: items.total },
    contaminated: [...contaminated].sort(),
    arms: arms.map(({ name, sha256: digest, prices }) => ({ arm: name, digest, prices })),
    scorers: suite.scorers.map(({ metric, sha256: digest }) => ({ name: metric, sha256: digest })),
    epochs: suite.epochs,
    seed: suite.seed,
    // Another limit is another run: it takes the stored answers and pays for the rest.
    ...(Object.keys(more.budget).length > 0 ? { budget: more.budget } : {}),
  };
  return {
    suite,
    items,
    arms,
    contaminated,
    inputs,
    inputsSha256: digestOf(inputs),
    budget: more.budget,
    planned: items.count * suite.epochs * arms.length,
  };
}

/** The answers to one sample and repeat, in the arms' own order: how rows are written. */
export async function* jobsInOrder({ items, suite, arms }: Plan): AsyncIterable<Job> {
  const scorers = scorersSha256(suite);
  for await (const sample of items.all())
    for (let epoch = 1; epoch <= suite.epochs; epoch++)
      for (const arm of arms) yield jobOf(arm, sample, epoch, scorers);
}

/**
 * The answers that some arms must give, as they are asked: the arms' calls for one sample and repeat
 * are neighbours, and a hash decides which arm comes first.
 */
export async function* jobsAsAsked(plan: Plan, arms: readonly OpenArm[]): AsyncIterable<Job> {
  const scorers = scorersSha256(plan.suite);
  for await (const sample of plan.items.all()) {
    if (plan.contaminated.has(sample.id)) continue;
    for (let epoch = 1; epoch <= plan.suite.epochs; epoch++) {
      const first = parseInt(sha256(`${plan.suite.seed}\u0000${sample.id}\u0000${epoch}`).slice(0, 8), 16);
      for (let i = 0; i < arms.length; i++) {
        const arm = arms[(first + i) % arms.length];
        if (arm) yield jobOf(arm, sample, epoch, scorers);
      }
    }
  }
}

function jobOf(arm: OpenArm, sample: Sample, epoch: number, scorers: string): Job {
  return {
    arm,
    sample,
    epoch,
    key: sha256(`${arm.name}\n${arm.sha256}\n${sample.id}\n${epoch}\n${scorers}`),
  };
}

const scorersSha256 = ({ scorers, truncated }: Suite): string =>
  digestOf({ scorers: scorers.map((scorer) => scorer.sha256), truncated });

async function contaminatedIn(items: Items, arms: readonly OpenArm[]): Promise<ReadonlySet<string>> {
  const checks = arms.flatMap((arm) => (arm.kind === "live" && arm.trainedOn ? [arm.trainedOn] : []));
  const found = new Set<string>();
  if (checks.length === 0) return found;
  for await (const { id, input } of items.all())
    if (checks.some((seen) => textsOf(input).some(seen))) found.add(id);
  return found;
}

/** Every text inside an input: what could have stood in training data word for word. */
function textsOf(input: unknown): readonly string[] {
  if (typeof input === "string") return [input];
  return typeof input === "object" && input !== null ? Object.values(input).flatMap(textsOf) : [];
}
