import { isRefused, refused, type Refused } from "../stats/refused.ts";

/** A serving host as measured: its price, what it really delivers, and how busy it is. */
export interface Hosting {
  readonly usdPerHour: number;
  /** Measured at the latency target on the real mix, all replicas together. */
  readonly tokensPerSecond: number;
  /** Share of its capacity that is used, 0 to 1; from logged arrivals, never assumed. */
  readonly utilisation: number;
}

/**
 * USD per million tokens of one's own hosts: Σ USD/h ÷ (tokens/s × 3600 × utilisation) × 1e6.
 * Worked values: $2.00/h at 1,500 tokens/s is $0.3704 fully used and $0.9259 at 40 %.
 */
export function selfHostedUsdPerMillion(host: Hosting): number | Refused {
  const { usdPerHour, tokensPerSecond, utilisation } = host;
  if (!(usdPerHour >= 0)) return refused(`a price must not be negative, got ${usdPerHour}`);
  if (!(tokensPerSecond > 0)) return refused("tokens per second must be measured and positive");
  if (!(utilisation > 0 && utilisation <= 1))
    return refused(`utilisation must lie in (0, 1], got ${utilisation}`);
  return (usdPerHour / (tokensPerSecond * 3600 * utilisation)) * 1e6;
}

/** Hours of a month: 730. */
export const HOURS_PER_MONTH = (365 / 12) * 24;

/** What hosts cost a month whether or not anyone asks. Worked value: 2 at $2.00/h are $2,920. */
export function serversUsdPerMonth(servers: number, usdPerHour: number): number {
  return servers * usdPerHour * HOURS_PER_MONTH;
}

/** Requests a month at which paying per request costs as much as hosts that stand there anyway. */
export function switchPointRequests(monthlyHostingUsd: number, usdPerRequest: number): number | "never" {
  return usdPerRequest > 0 ? Math.ceil(monthlyHostingUsd / usdPerRequest) : "never";
}

/** The price per million tokens from 10 % to 100 % of capacity: the figure that one utilisation hides. */
export function utilisationCurve(
  host: Omit<Hosting, "utilisation">,
): readonly { readonly utilisation: number; readonly usdPerMillion: number }[] {
  return [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].flatMap((utilisation) => {
    const usdPerMillion = selfHostedUsdPerMillion({ ...host, utilisation });
    return isRefused(usdPerMillion) ? [] : [{ utilisation, usdPerMillion }];
  });
}
