import { WorkbenchError } from "../../errors/error.ts";
import type { Deployed } from "../../schema/deploy.ts";
import type { ModelVersion } from "../registry.ts";

/**
 * How a version gets to one target. Every member is idempotent: after a crash it is called again, on
 * whatever the last call left. `plan` only looks; its `prior` is JSON, kept before `apply` begins, and
 * is all that `revert` needs to put the old state back.
 */
export interface Hook<Prior = unknown> {
  readonly plan: (
    version: ModelVersion,
  ) => Promise<{ readonly prior: Prior; readonly steps: readonly string[] }>;
  readonly apply: (version: ModelVersion, prior: Prior, id: string) => Promise<void>;
  /** Null when the target serves this version; else what is wrong. */
  readonly probe: (version: ModelVersion, prior: Prior) => Promise<string | null>;
  readonly revert: (version: ModelVersion, prior: Prior, id: string) => Promise<void>;
}

export function deployedOf({ model, version, run, weightsSha256 }: ModelVersion): Deployed {
  return { model, version, run, weights: weightsSha256 };
}

/** Puts a version's facts into a declared text; only `{version}`, `{model}`, `{run}` and `{weights}` are known. */
export function filledText(text: string, version: ModelVersion): string {
  const facts: Readonly<Record<string, string>> = { ...deployedOf(version) };
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}

export function deployFailed(where: string, what: string, why?: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_DEPLOY_FAILED",
    where,
    what,
    ...(why === undefined ? {} : { why }),
    fix: "look at the target, then promote again: every step may be repeated",
  });
}

export function deployInvalid(where: string, what: string, fix: string): WorkbenchError {
  return new WorkbenchError({ code: "WB_DEPLOY_INVALID", where, what, fix });
}
