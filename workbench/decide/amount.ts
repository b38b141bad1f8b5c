import type { Unit } from "./metric.ts";

/** A difference in its unit, without sign: "5 points", "120 ms", "$0.0004". */
export function amountText(amount: number, unit: Unit): string {
  const size = Math.abs(amount);
  if (unit === "share") return `${plain(size * 100)} points`;
  if (unit === "usd") return `$${significant(size)}`;
  return unit === "score" ? plain(size) : `${plain(size)} ${unit}`;
}

/** A level in its unit: a share in per cent. */
export function levelText(level: number, unit: Unit): string {
  return unit === "share" ? `${plain(level * 100)} %` : amountText(level, unit);
}

/**
 * An estimate with its interval in one unit: "+17.4 points [+14.7, +20.0]"; a level without signs.
 * A null end is unbounded.
 */
export function intervalText({ estimate, lower, upper }: Interval, unit: Unit, isLevel = false): string {
  const number = (value: number | null): string => {
    if (value === null) return "unbounded";
    const sign = isLevel ? "" : value < 0 ? "−" : "+";
    return `${sign}${ending(Math.abs(value), unit)}`;
  };
  const name = { share: isLevel ? " %" : " points", ms: " ms", usd: "", tokens: " tokens", score: "" }[unit];
  return `${number(estimate)}${name} [${number(lower)}, ${number(upper)}]`;
}

interface Interval {
  readonly estimate: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** One decimal for points, milliseconds and tokens; three significant digits for money and scores. */
function ending(size: number, unit: Unit): string {
  if (unit === "share") return (size * 100).toFixed(1);
  if (unit === "usd") return `$${significant(size)}`;
  return unit === "score" ? plain(size) : size.toFixed(1);
}

/** At most one decimal above 10, two below, no trailing zeros. Worked value: `plain(12.34)` is "12.3". */
export function plain(value: number): string {
  const digits = Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

function significant(value: number): string {
  const text = Number(value.toPrecision(3));
  return text >= 0.000001 || text === 0 ? String(text) : text.toExponential(2);
}
