import { exp } from "./elementary.ts";
import { cholesky, solve, type Factor } from "./linear-solve.ts";
import { refused, type Refused } from "./refused.ts";

/** One comparison: `score` 1 when `first` wins, 0 when `second` wins, ½ for a tie. */
export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly score: number;
  /** The prompt it was made on; repeated prompts make the standard errors cluster-robust. */
  readonly prompt?: string;
}

/** Strengths on the log-odds scale; the first model is pinned at 0. */
export interface Strengths {
  readonly kind: "strengths";
  readonly estimator: string;
  readonly n: number;
  readonly models: readonly {
    readonly model: string;
    readonly strength: number;
    /** Fisher standard error of the difference to the pinned model; 0 for that model itself. */
    readonly standardError: number;
    /** The same by the sandwich over prompts, null without prompts. */
    readonly robustError: number | null;
  }[];
}

/**
 * Bradley–Terry strengths by Newton's method: P(i beats j) = 1/(1 + e^(θj − θi)), ties ½.
 * Refused when some group of models never wins (or never loses) against the rest: the maximum is
 * then at infinity. Source: Bradley & Terry 1952; Ford 1957.
 * Worked value: A beats B in 3 of 4: strength of B −1.0986 (ln 1/3), SE 1.1547.
 */
export function bradleyTerry(comparisons: readonly Comparison[]): Strengths | Refused {
  const models = [...new Set(comparisons.flatMap(({ first, second }) => [first, second]))];
  const bad = badComparisons(comparisons, models);
  if (bad) return bad;
  const games = comparisons.map((game) => ({
    i: models.indexOf(game.first),
    j: models.indexOf(game.second),
    score: game.score,
    prompt: game.prompt,
  }));
  let theta = models.map(() => 0);
  let factor: Factor = [];
  for (let step = 0; step < 100; step++) {
    const { gradient, information } = scoreAndInformation(games, theta);
    const next = cholesky(information);
    if ("kind" in next) return next;
    factor = next;
    const move = solve(factor, gradient);
    // A long first step can overshoot: at most one unit of log-odds at a time.
    const longest = Math.max(1, ...move.map(Math.abs));
    theta = theta.map((value, model) => (model === 0 ? 0 : value + (move[model - 1] as number) / longest));
    if (longest === 1 && move.every((value) => Math.abs(value) < 1e-13)) break;
  }
  const variances = theta.map((_, model) => (model === 0 ? 0 : inverseAt(factor, model - 1)));
  const robust = sandwich(games, theta, factor);
  return {
    kind: "strengths",
    estimator: "bradley-terry@1",
    n: games.length,
    models: models.map((model, at) => ({
      model,
      strength: theta[at] as number,
      standardError: Math.sqrt(variances[at] as number),
      robustError: robust ? (robust[at] as number) : null,
    })),
  };
}

interface Game {
  readonly i: number;
  readonly j: number;
  readonly score: number;
  readonly prompt: string | undefined;
}

function chance(theta: readonly number[], { i, j }: Game): number {
  return 1 / (1 + exp((theta[j] as number) - (theta[i] as number)));
}

/** Gradient and information without the pinned first model. */
function scoreAndInformation(
  games: readonly Game[],
  theta: readonly number[],
): { gradient: number[]; information: number[][] } {
  const size = theta.length;
  const gradient = new Array<number>(size).fill(0);
  const full = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const add = (row: number, column: number, value: number): void => {
    const line = full[row] as number[];
    line[column] = (line[column] as number) + value;
  };
  for (const game of games) {
    const p = chance(theta, game);
    const { i, j } = game;
    gradient[i] = (gradient[i] as number) + game.score - p;
    gradient[j] = (gradient[j] as number) - (game.score - p);
    const weight = p * (1 - p);
    add(i, i, weight);
    add(j, j, weight);
    add(i, j, -weight);
    add(j, i, -weight);
  }
  return { gradient: gradient.slice(1), information: full.slice(1).map((row) => row.slice(1)) };
}

function inverseAt(factor: Factor, at: number): number {
  return solve(
    factor,
    factor.map((_, row) => (row === at ? 1 : 0)),
  )[at] as number;
}

/** Robust standard errors with prompts as clusters, or undefined without them. */
function sandwich(games: readonly Game[], theta: readonly number[], factor: Factor): number[] | undefined {
  if (games.some((game) => game.prompt === undefined)) return undefined;
  const scores = new Map<string, number[]>();
  for (const game of games) {
    const sums = scores.get(game.prompt as string) ?? new Array<number>(theta.length).fill(0);
    const residual = game.score - chance(theta, game);
    sums[game.i] = (sums[game.i] as number) + residual;
    sums[game.j] = (sums[game.j] as number) - residual;
    scores.set(game.prompt as string, sums);
  }
  const count = scores.size;
  if (count < 2) return undefined;
  const influences = [...scores.values()].map((sums) => [0, ...solve(factor, sums.slice(1))]);
  return theta.map((_, model) => {
    const squares = influences.reduce((total, line) => total + (line[model] as number) ** 2, 0);
    return Math.sqrt((count / (count - 1)) * squares);
  });
}

function badComparisons(comparisons: readonly Comparison[], models: readonly string[]): Refused | undefined {
  if (comparisons.length === 0) return refused("no comparisons");
  for (const [at, { first, second, score }] of comparisons.entries()) {
    if (first === second) return refused(`comparison ${at} sets a model against itself`);
    if (!(score >= 0 && score <= 1)) return refused(`comparison ${at} has score ${score}, outside 0 to 1`);
  }
  const beats = (winner: string, loser: string): boolean =>
    comparisons.some(
      ({ first, second, score }) =>
        (first === winner && second === loser && score > 0) ||
        (first === loser && second === winner && score < 1),
    );
  const reaches = (edge: (from: string, to: string) => boolean): boolean => {
    const seen = new Set([models[0] as string]);
    for (const from of seen) for (const to of models) if (!seen.has(to) && edge(from, to)) seen.add(to);
    return seen.size === models.length;
  };
  const connected = reaches(beats) && reaches((from, to) => beats(to, from));
  return connected ? undefined : refused("some models never win, or never lose, against the rest");
}
