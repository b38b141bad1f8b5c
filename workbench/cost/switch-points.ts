import { exp, ln } from "../stats/elementary.ts";
import { isRefused } from "../stats/refused.ts";
import { loadOf, withRework, type PlainScenario } from "./scenario.ts";
import type { PlainWay } from "./ways.ts";

/** One way at today's volume; null where it cannot be priced. */
export interface OptionCost {
  readonly name: string;
  readonly usdPerMonth: number | null;
  readonly why: string | null;
}

/** From this volume on, up to the next switch, `to` is the cheapest. */
export interface SwitchPoint {
  readonly requestsPerDay: number;
  readonly tokensPerMonth: number | null;
  readonly from: string;
  readonly to: string;
}

/** All ways side by side at today's load, the cheapest first; what has no price stands last. */
export function optionCosts(it: PlainScenario): readonly OptionCost[] {
  const load = loadOf(it, 1);
  const costs = namedWays(it).map(([name, way]): OptionCost => {
    const usd = withRework(way, it, load);
    return isRefused(usd)
      ? { name, usdPerMonth: null, why: usd.reason }
      : { name, usdPerMonth: usd, why: null };
  });
  return costs.sort((a, b) => (a.usdPerMonth ?? Infinity) - (b.usdPerMonth ?? Infinity));
}

function namedWays(it: PlainScenario): readonly (readonly [string, PlainWay])[] {
  return [["baseline", it.baseline], ["candidate", it.candidate], ...Object.entries(it.options)];
}

const [LEAST, MOST, STEPS] = [1, 1e9, 1800];

/**
 * Volumes at which the cheapest way changes, from 1 to 10⁹ requests a day. Hosts cost in steps, so there
 * can be several. Worked value: a server of $500 a month against $0.50 per million tokens switches at
 * 1,000 million tokens a month.
 */
export function switchPoints(it: PlainScenario): readonly SwitchPoint[] {
  const at = (i: number): number => exp(ln(LEAST) + (i / STEPS) * (ln(MOST) - ln(LEAST)));
  const found: SwitchPoint[] = [];
  let before = cheapest(it, at(0));
  for (let i = 1; i <= STEPS; i++) {
    const now = cheapest(it, at(i));
    if (now === before || now === null || before === null) continue;
    let [low, high] = [at(i - 1), at(i)];
    for (let n = 0; n < 50; n++) {
      const middle = (low + high) / 2;
      if (cheapest(it, middle) === before) low = middle;
      else high = middle;
    }
    found.push({ requestsPerDay: high, tokensPerMonth: tokensAt(it, high), from: before, to: now });
    before = now;
  }
  return found;
}

function cheapest(it: PlainScenario, requestsPerDay: number): string | null {
  const best = optionCosts({ ...it, requestsPerDay })[0];
  return best?.usdPerMonth == null ? null : best.name;
}

function tokensAt({ tokensPerRequest, ...it }: PlainScenario, requestsPerDay: number): number | null {
  if (tokensPerRequest === undefined) return null;
  const { requestsPerMonth } = loadOf({ ...it, requestsPerDay }, 1);
  return requestsPerMonth * (tokensPerRequest.input + tokensPerRequest.output);
}
