import { refused, type Refused } from "./refused.ts";

/** A refusal when there are too few values or one is not finite; undefined when all is well. */
export function badValues(values: readonly number[], least: number, name = "value"): Refused | undefined {
  if (values.length === 0) return refused(`no ${name}s`);
  if (values.length < least) return refused(`${values.length} ${name}s where at least ${least} are needed`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  return bad < 0 ? undefined : refused(`${name} ${bad} is ${values[bad]}, not a finite number`);
}

/** A refusal when a one-sided alpha is not inside (0, ½). */
export function badAlpha(alpha: number): Refused | undefined {
  return alpha > 0 && alpha < 0.5 ? undefined : refused(`alpha must lie between 0 and 0.5, got ${alpha}`);
}

/** A refusal when counts are not whole, negative, or more events than trials. */
export function badCount(events: number, trials: number, name = "trial"): Refused | undefined {
  if (!Number.isSafeInteger(events) || !Number.isSafeInteger(trials)) {
    return refused(`counts must be whole numbers, got ${events} of ${trials}`);
  }
  if (trials === 0) return refused(`no ${name}s`);
  if (events < 0 || events > trials) return refused(`${events} of ${trials} is not a count of ${name}s`);
  return undefined;
}
