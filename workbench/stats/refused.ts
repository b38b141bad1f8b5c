/** What could not be computed, and why: never NaN, never 0. Readers test `kind`. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: string;
}

/** A typed refusal. Worked value: `refused("no samples")` is `{kind: "refused", reason: "no samples"}`. */
export function refused(reason: string): Refused {
  return { kind: "refused", reason };
}

/** True when a result is a refusal; narrows the type for both branches. */
export function isRefused(result: unknown): result is Refused {
  return typeof result === "object" && result !== null && "kind" in result && result.kind === "refused";
}
