import { isRefused, type Refused } from "../refused.ts";

/** The value, or an error that quotes the refusal. */
export function ok<T>(result: T | Refused): T {
  if (isRefused(result)) throw new Error(`unexpected refusal: ${result.reason}`);
  return result;
}
