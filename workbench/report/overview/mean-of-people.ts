import { tUpperQuantile } from "../../stats/distribution.ts";
import { ratioFromSums } from "../../stats/integer-sums.ts";
import { isRefused } from "../../stats/refused.ts";

/** Sums over people of their total n (in millionths) and count d, whole numbers as text. */
export interface PeopleSums {
  readonly units: number;
  readonly numerator: string;
  readonly denominator: string;
  readonly numeratorSquares: string;
  readonly denominatorSquares: string;
  readonly products: string;
}

export interface Mean {
  /** Null when nothing has a value. */
  readonly mean: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Why there is no interval; null when there is one. */
  readonly refused: string | null;
}

const MILLION = 1e6;
const ALPHA = 0.025;

/**
 * The mean over all values with its 95 % interval: people are the units, since the values of one are not
 * independent; delta method and t with units − 1 degrees of freedom (Deng, Knoblich & Lu 2018).
 * Worked value: totals [1, 2, 6] of [1, 2, 3] values: 1.5, 1.5 ± 4.3027·√0.1458 = −0.143…3.143.
 */
export function meanOfPeople(sums: PeopleSums): Mean {
  const numerator = BigInt(sums.numerator);
  const denominator = BigInt(sums.denominator);
  if (denominator === 0n) return { mean: null, lower: null, upper: null, refused: "no signal has a value" };
  const mean = Number(numerator) / Number(denominator) / MILLION;
  const without = (why: string): Mean => ({ mean, lower: null, upper: null, refused: why });
  const fit = ratioFromSums({
    units: BigInt(sums.units),
    numerator,
    denominator,
    numeratorSquares: BigInt(sums.numeratorSquares),
    denominatorSquares: BigInt(sums.denominatorSquares),
    products: BigInt(sums.products),
  });
  if (isRefused(fit)) return without(fit.reason);
  if (!(fit.variance > 0)) return without("all people gave the same");
  const half = (tUpperQuantile(ALPHA, fit.units - 1) * Math.sqrt(fit.variance)) / MILLION;
  return { mean, lower: mean - half, upper: mean + half, refused: null };
}
