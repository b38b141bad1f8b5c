import { normalLower, normalUpper, normalUpperQuantile } from "./distribution.ts";
import { exp, ln } from "./elementary.ts";
import { gaussLegendre, integrate, type Quadrature } from "./gauss-legendre.ts";
import { refused, type Refused } from "./refused.ts";
import { root } from "./root.ts";

/** Planned looks as increasing shares of the final information, the last at most 1. */
export interface LookPlan {
  /** One-sided; with `sides` 2 both sides get this alpha. */
  readonly alpha: number;
  readonly fractions: readonly number[];
  readonly shape: "obrien-fleming" | "pocock";
  readonly sides: 1 | 2;
  /**
   * Shares of time by which alpha is spent at each look, where they are not the shares of information:
   * looks at declared times, at whatever information has come in. Default: `fractions`.
   */
  readonly spendAt?: readonly number[];
}

/**
 * Classic bounds on z: C/√t (O'Brien–Fleming) or C (Pocock), C found so that the chance of ever
 * crossing under no effect is alpha a side. By recursive integration of the sub-density of z.
 * Source: Jennison & Turnbull 2000, ch. 19. Worked values, five equal looks, alpha 0.025,
 * two sides: C = 2.040 and 2.413.
 */
export function classicBounds(plan: LookPlan): readonly number[] | Refused {
  const bad = badPlan(plan);
  if (bad) return bad;
  const { fractions, shape, sides, alpha } = plan;
  const boundsAt = (c: number): readonly number[] =>
    fractions.map((t) => (shape === "pocock" ? c : c * Math.sqrt((fractions.at(-1) as number) / t)));
  const target = ln(alpha * sides);
  const excess = (c: number): number =>
    ln(total(crossing({ bounds: boundsAt(c), fractions, sides }))) - target;
  const least = normalUpperQuantile(alpha);
  return boundsAt(secant(excess, least, least + 0.3));
}

/**
 * Lan–DeMets bounds for looks at any information: at share t the plan has spent
 * 2·P(Z ≥ z_{α/2}/√t) (O'Brien–Fleming-like) or α·ln(1 + (e−1)t) (Pocock-like), a side.
 * Each bound depends only on the looks so far. Source: Lan & DeMets 1983.
 * Worked value: looks at ½ and 1, alpha 0.025, O'Brien–Fleming: 2.9626, 1.9686.
 */
export function spendingBounds(plan: LookPlan): readonly number[] | Refused {
  const bad = badPlan(plan);
  if (bad) return bad;
  const bounds: number[] = [];
  let state = start;
  let spentBefore = 0;
  for (const [look, t] of plan.fractions.entries()) {
    const spent = spentAt(plan.spendAt?.[look] ?? t, plan);
    const increment = spent - spentBefore;
    const above = (z: number): number => Math.max(crossUp(state, t, z), Number.MIN_VALUE);
    const bound =
      bounds.length === 0
        ? normalUpperQuantile(increment)
        : root((z) => ln(above(z)) - ln(increment), -2, 40);
    bounds.push(bound);
    state = advance(state, t, { low: plan.sides === 2 ? -bound : -REACH, high: bound });
    spentBefore = spent;
  }
  return bounds;
}

/** One-sided alpha spent at information share t. */
export function spentAt(t: number, { alpha, shape }: Pick<LookPlan, "alpha" | "shape">): number {
  return shape === "pocock"
    ? alpha * ln(1 + (Math.E - 1) * t)
    : 2 * normalUpper(normalUpperQuantile(alpha / 2) / Math.sqrt(t));
}

/** Bounds to evaluate; `drift` is the mean of z at full information (0: no effect). */
export interface Crossing {
  readonly bounds: readonly number[];
  readonly fractions: readonly number[];
  readonly sides: 1 | 2;
  readonly drift?: number;
}

/** Chance of crossing first at each look (both sides together when `sides` is 2). */
export function crossing({ bounds, fractions, sides, drift = 0 }: Crossing): readonly number[] {
  let state = start;
  return fractions.map((t, look) => {
    const bound = bounds[look] as number;
    const shift = drift * Math.sqrt(t);
    const up = crossUp(state, t, bound, drift);
    const down = sides === 2 ? crossDown(state, t, -bound, drift) : 0;
    const low = sides === 2 ? -bound : Math.min(-REACH + shift, bound - 1);
    state = advance(state, t, { low, high: bound, drift });
    return up + down;
  });
}

/** Beyond this z the standard normal holds less than 1e-23. */
const REACH = 10;
const PANELS = 48;

/** Where a trial that has not stopped may be: the sub-density of z at share t. */
interface State {
  readonly t: number;
  readonly grid: Quadrature;
  readonly density: Float64Array;
}

const start: State = {
  t: 0,
  grid: { nodes: Float64Array.of(0), weights: Float64Array.of(1) },
  density: Float64Array.of(1),
};

interface Region {
  readonly low: number;
  readonly high: number;
  readonly drift?: number;
}

/** Standardised distance from z before (share s.t) to z now (share t). */
function step(state: State, t: number, drift: number): (now: number, before: number) => number {
  const scale = Math.sqrt(t - state.t);
  const [rootNow, rootBefore] = [Math.sqrt(t), Math.sqrt(state.t)];
  const move = drift * (t - state.t);
  return (now, before) => (now * rootNow - before * rootBefore - move) / scale;
}

function crossUp(state: State, t: number, bound: number, drift = 0): number {
  const distance = step(state, t, drift);
  return weighted(state, (before) => normalUpper(distance(bound, before)));
}

function crossDown(state: State, t: number, bound: number, drift = 0): number {
  const distance = step(state, t, drift);
  return weighted(state, (before) => normalLower(distance(bound, before)));
}

function advance(state: State, t: number, { low, high, drift = 0 }: Region): State {
  const distance = step(state, t, drift);
  const scale = Math.sqrt(t / (t - state.t)) / Math.sqrt(2 * Math.PI);
  const grid = gaussLegendre(low, high, PANELS);
  const density = grid.nodes.map((now) =>
    weighted(state, (before) => {
      const d = distance(now, before);
      return d * d > 300 ? 0 : scale * exp(-0.5 * d * d);
    }),
  );
  return { t, grid, density };
}

function weighted({ grid, density }: State, f: (before: number) => number): number {
  let at = 0;
  return integrate((node) => (density[at++] as number) * f(node), grid);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Zero of a smooth, falling function from two starting points, to 1e-13. */
function secant(f: (x: number) => number, first: number, second: number): number {
  let [x0, x1, f0] = [first, second, f(first)];
  for (let i = 0; i < 40; i++) {
    const f1 = f(x1);
    if (Math.abs(f1) < 1e-14 || f1 === f0) break;
    const next = x1 - (f1 * (x1 - x0)) / (f1 - f0);
    [x0, f0, x1] = [x1, f1, next];
    if (Math.abs(x1 - x0) < 1e-13) break;
  }
  return x1;
}

function badPlan({ alpha, fractions, spendAt }: LookPlan): Refused | undefined {
  if (!(alpha > 0 && alpha < 0.5)) return refused(`alpha must lie between 0 and 0.5, got ${alpha}`);
  if (fractions.length === 0) return refused("no looks");
  const ordered = fractions.every((t, i) => t > (fractions[i - 1] ?? 0) && t <= 1);
  if (!ordered) return refused(`looks must increase within (0, 1], got ${fractions.join(", ")}`);
  const times = spendAt ?? fractions;
  if (times.length !== fractions.length || !times.every((t, i) => t > (times[i - 1] ?? 0) && t <= 1))
    return refused(`alpha must be spent at rising shares, got ${times.join(", ")}`);
  return (fractions[0] as number) < 0.01
    ? refused("the first look comes before 1 % of the information")
    : undefined;
}
