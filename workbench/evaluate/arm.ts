import type { ChatClient, ChatUsage } from "../endpoint/client.ts";
import { digestOf } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Lookup, Recorded } from "./recorded.ts";

interface ArmBase {
  /** `baseline`, or the candidate's name. */
  readonly name: string;
  /** Its name in workbench.config.yaml, or `recorded:<file>`. */
  readonly model: string;
  /** The training run its weights came from, when known. */
  readonly run: string | null;
}

/** An arm that is asked. Whoever calls the runner has resolved the model and opened the client. */
export interface LiveArm extends ArmBase {
  readonly kind: "live";
  readonly client: ChatClient;
  /** The name the endpoint knows it by. */
  readonly requestModel: string;
  /** All that the answer depends on: endpoint kind, model, digests of weights, adapter and template. */
  readonly identity: unknown;
  /** Arms of one group share one limit: the same origin, key and model server. */
  readonly group: string;
  /** Calls in flight; null lets the runner find out. */
  readonly concurrency: number | null;
  /** US dollars of one reply; null where no price is known. */
  readonly costOf: (usage: ChatUsage) => number | null;
  /** What `costOf` computes with, for the manifest. */
  readonly prices: unknown;
  readonly stream?: boolean;
  readonly deadlineMs?: number;
  /** Names the endpoint may answer under besides `requestModel`. */
  readonly servedAs?: readonly string[];
  /** True where this text was in the arm's training data. */
  readonly trainedOn?: (text: string) => boolean;
}

/** An arm whose answers exist already. */
export interface RecordedArm extends ArmBase {
  readonly kind: "recorded";
  readonly recorded: Recorded;
}

export type Arm = LiveArm | RecordedArm;

/** An arm with its digest; recorded answers are open. */
export type OpenArm = { readonly sha256: string; readonly prices: unknown } & (
  (LiveArm & { readonly lookup: null }) | (RecordedArm & { readonly lookup: Lookup })
);

/** Gives an arm its digest: what its answers depend on, the plan of the suite's task included (null where there is none). */
export async function openArm(
  arm: Arm,
  taskPlan: unknown,
  at: { readonly project: Project; readonly effects: Effects },
): Promise<OpenArm> {
  if (arm.kind === "live") {
    const parts = { identity: arm.identity, model: arm.requestModel, task: taskPlan };
    return { ...arm, sha256: digestOf(parts), lookup: null };
  }
  const { sha256, lookup } = await arm.recorded.open(at.project, at.effects);
  return { ...arm, sha256, lookup, prices: arm.recorded.of?.prices ?? null };
}
