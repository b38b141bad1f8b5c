import { exp, ln } from "../stats/elementary.ts";
import { isRefused } from "../stats/refused.ts";
import { outcomeOf, type PlainScenario } from "./scenario.ts";

/** The factor on today's value at which the case stops, or begins, to pay; "never" within 1/1,000 to 1,000. */
export interface FlipPoint {
  readonly what: "requestsPerDay" | "baselinePrice" | "candidatePrice";
  readonly factor: number | "never";
  /** Today's value at the flip, where it is one number: requests a day, or USD a month. */
  readonly value: number | null;
}

const WIDEST = 1000;

/** The volume and the prices at which the net present value over the horizon changes its sign. */
export function flipPoints(it: PlainScenario): readonly FlipPoint[] {
  const points = [
    ["requestsPerDay", (f: number) => ({ ...it, requestsPerDay: it.requestsPerDay * f }), it.requestsPerDay],
    ["baselinePrice", (f: number) => ({ ...it, baseline: scaled(it.baseline, f) }), null],
    ["candidatePrice", (f: number) => ({ ...it, candidate: scaled(it.candidate, f) }), null],
  ] as const;
  return points.map(([what, changed, today]) => {
    const factor = rootOf((f) => valueOf(changed(f)));
    return { what, factor, value: factor === "never" || today === null ? null : today * factor };
  });
}

const valueOf = (it: PlainScenario): number => {
  const outcome = outcomeOf(it);
  return isRefused(outcome) ? 0 : outcome.netPresentValueUsd;
};

function scaled(way: PlainScenario["baseline"], f: number): PlainScenario["baseline"] {
  if (way.kind === "request") return { ...way, usdPerRequest: way.usdPerRequest * f };
  if (way.kind === "hosted") return { ...way, usdPerHour: way.usdPerHour * f };
  if (way.kind === "logs") return way;
  const { input, cachedRead, output } = way.usdPerMillion;
  const cached = cachedRead === undefined ? {} : { cachedRead: cachedRead * f };
  return { ...way, usdPerMillion: { input: input * f, output: output * f, ...cached } };
}

/** Bisection on a logarithmic scale towards the nearest change of sign on either side of 1. */
function rootOf(value: (factor: number) => number): number | "never" {
  const now = value(1) >= 0;
  const steps = 60;
  let nearest: readonly [inside: number, outside: number] | null = null;
  for (let i = 1; i <= steps && nearest === null; i++)
    for (const factor of [exp((i / steps) * ln(WIDEST)), exp((-i / steps) * ln(WIDEST))])
      if (nearest === null && value(factor) >= 0 !== now)
        nearest = [exp((Math.sign(ln(factor)) * (i - 1) * ln(WIDEST)) / steps), factor];
  if (nearest === null) return "never";
  let [inside, outside] = nearest;
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(inside * outside);
    if (value(middle) >= 0 === now) inside = middle;
    else outside = middle;
  }
  return outside;
}
