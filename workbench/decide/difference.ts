import { canonical } from "../schema/canonical.ts";

/**
 * The first member in which two JSON values differ, as a sentence with path, old and new value, and
 * for numbers their distance in units of the last place. Null when they are the same.
 * Worked value: `{a: 1}` and `{a: 2}` at "x" differ in "x.a".
 */
export function firstDifference(old: unknown, now: unknown, path: string): string | null {
  if (canonical(old) === canonical(now)) return null;
  if (isObject(old) && isObject(now)) {
    for (const key of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()) {
      const found = firstDifference(
        old[key],
        now[key],
        Array.isArray(old) ? `${path}[${key}]` : `${path}.${key}`,
      );
      if (found !== null) return found;
    }
  }
  const ulps =
    typeof old === "number" && typeof now === "number" ? `, ${ulpDistance(old, now)} ulp apart` : "";
  return `${path} was ${short(old)} and is now ${short(now)}${ulps}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function short(value: unknown): string {
  const text = canonical(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

/** How many doubles lie between two numbers. */
function ulpDistance(a: number, b: number): string {
  const view = new DataView(new ArrayBuffer(8));
  const ordinal = (value: number): bigint => {
    view.setFloat64(0, value);
    const bits = view.getBigInt64(0);
    return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
  };
  const gap = ordinal(a) - ordinal(b);
  return String(gap < 0n ? -gap : gap);
}
