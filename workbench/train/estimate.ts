import type { RecipeLock, TokenCounts } from "../schema/recipe-lock.ts";
import type { BaseShape } from "./base.ts";

/** A figure that is not known exactly, and where it comes from. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Estimate {
  readonly steps: number;
  /** Over all epochs; a pair counts its chosen and its rejected sequence. */
  readonly tokens: number;
  readonly supervisedTokens: number;
  readonly flop: number | null;
  readonly seconds: Interval | null;
  /** measured: from finished runs of this base on this host. stated: from hosts.yaml. assumed: neither. */
  readonly rate: { readonly source: "measured" | "stated" | "assumed"; readonly runs: number };
  readonly memoryBytes: Interval | null;
  /** Null without a price: unknown is blank, never 0. */
  readonly costUsd: Interval | null;
}

export interface EstimateInput {
  readonly lock: RecipeLock;
  readonly steps: number;
  readonly shape: BaseShape | null;
  readonly threads: number;
  readonly gpus: number;
  /** Stated matmul rate of the host in TFLOP/s, or null. */
  readonly tflops: number | null;
  /** Tokens per second of finished runs of this base and method on this host. */
  readonly pastRates: readonly number[];
  readonly usdPerHour: number | null;
}

/** Runs before past rates give the interval; until then ±30 %, labelled uncalibrated. */
const CALIBRATED = 8;
const SPREAD = 0.3;
/** What one CPU thread was seen to do on small models, FLOP per second; used when nothing is known. */
const ASSUMED_FLOPS = 3e9;
/** Share of a stated matmul rate that training reaches. */
const UTILISATION = 0.5;
const DTYPE_BYTES: Readonly<Record<string, number>> = { f32: 4, bf16: 2, f16: 2 };

/**
 * Matmul parameters of body and head. Worked value: Llama-3.1-8B (32 layers, hidden 4096, 32 heads
 * and 8 KV heads of 128, 14 336, 128 256 words) has 6.98e9 + 0.53e9 = 7.5e9.
 */
export function matmulParameters(shape: BaseShape): number {
  const { layers, hidden, heads, kvHeads, headSize, intermediate, vocabulary } = shape;
  const attention = hidden * headSize * (2 * heads + 2 * kvHeads);
  return layers * (attention + 3 * hidden * intermediate) + vocabulary * hidden;
}

/** FLOP of one epoch over a split: per token 4N + 6LdT̄ (LoRA) or 6N + 6LdT̄ (full); design of `train`, §3. */
function epochFlop(counts: TokenCounts, shape: BaseShape, isFull: boolean): number {
  const width = shape.heads * shape.headSize;
  return (
    (isFull ? 6 : 4) * matmulParameters(shape) * counts.total + 6 * shape.layers * width * counts.squares
  );
}

/** Steps, tokens, FLOP, time, memory and cost of a lock on a host. Pure: what is unknown stays null. */
export function estimate(input: EstimateInput): Estimate {
  const { lock, shape } = input;
  const epochs = Number(lock.effective["optim.epochs"]);
  const { train, eval: held } = lock.tokens.splits;
  const tokens = epochs * (train?.total ?? 0);
  const flop = shape && train ? flopOf(lock, { shape, train, held }) : null;
  const { seconds, rate } = timeOf(input, { tokens, flop });
  const { usdPerHour } = input;
  return {
    steps: input.steps,
    tokens,
    supervisedTokens: epochs * (train?.supervised ?? 0),
    flop,
    seconds,
    rate,
    memoryBytes: shape && train ? around(memoryOf(lock, shape, train), 0.1) : null,
    costUsd: seconds && usdPerHour !== null ? scaled(seconds, usdPerHour / 3600) : null,
  };
}

function flopOf(
  lock: RecipeLock,
  at: { readonly shape: BaseShape; readonly train: TokenCounts; readonly held: TokenCounts | undefined },
): number {
  const isFull = lock.effective["adapter.type"] === "full";
  const epochs = Number(lock.effective["optim.epochs"]);
  const one = epochFlop(at.train, at.shape, isFull);
  const forward = (counts: TokenCounts): number => epochFlop(counts, at.shape, false) / 2;
  const reference = lock.method === "dpo" ? forward(at.train) + (at.held ? forward(at.held) : 0) : 0;
  return epochs * one + reference;
}

function timeOf(
  { pastRates, tflops, threads, gpus }: EstimateInput,
  { tokens, flop }: { readonly tokens: number; readonly flop: number | null },
): Pick<Estimate, "seconds" | "rate"> {
  const runs = pastRates.length;
  if (runs > 0) {
    const sorted = [...pastRates].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(share * (runs - 1))] ?? 1;
    const middle = around(tokens / at(0.5), SPREAD);
    const seconds =
      runs < CALIBRATED
        ? middle
        : { value: tokens / at(0.5), low: tokens / at(0.95), high: tokens / at(0.05) };
    return { seconds, rate: { source: "measured", runs } };
  }
  const source = tflops === null ? "assumed" : "stated";
  const rate = tflops === null ? ASSUMED_FLOPS * threads : tflops * 1e12 * UTILISATION * gpus;
  return { seconds: flop === null ? null : around(flop / rate, SPREAD), rate: { source, runs } };
}

/**
 * Weights + adapters × 16 B + activations + cross-entropy + 1.5 GB, + 5 % (design of `train`, §3).
 * On CPU the last two constants are an upper bound.
 */
function memoryOf(lock: RecipeLock, shape: BaseShape, counts: TokenCounts): number {
  const value = (key: string): number => Number(lock.effective[key]);
  const isFull = lock.effective["adapter.type"] === "full";
  const all = matmulParameters(shape) + shape.vocabulary * shape.hidden;
  const weights = isFull ? all * 16 : all * (DTYPE_BYTES[String(lock.effective["base.dtype"])] ?? 4);
  const rows = value("optim.batch") * (lock.method === "dpo" ? 2 : 1);
  const tokens = rows * counts.longest;
  const perToken = shape.layers * shape.hidden * (value("adapter.dropout") > 0 ? 60 : 34);
  const head = Math.min(tokens, 2048) * shape.vocabulary * 8;
  return (
    1.05 * (weights + (isFull ? 0 : adapterParameters(lock, shape) * 16) + tokens * perToken + head + 1.5e9)
  );
}

/** r × (in + out) of every tuned matrix. Worked value: 8B shape, r 16, attention: 13.6e6. */
export function adapterParameters(lock: RecipeLock, shape: BaseShape): number {
  const { hidden, heads, kvHeads, headSize, intermediate, layers } = shape;
  const [q, kv] = [hidden + heads * headSize, hidden + kvHeads * headSize];
  const widths: Readonly<Record<string, number>> = {
    q_proj: q,
    k_proj: kv,
    v_proj: kv,
    o_proj: q,
    gate_proj: hidden + intermediate,
    up_proj: hidden + intermediate,
    down_proj: hidden + intermediate,
  };
  const targets = lock.effective["adapter.targets"];
  const attention = ["q_proj", "k_proj", "v_proj", "o_proj"];
  const names =
    targets === "attention"
      ? attention
      : targets === "all-linear"
        ? Object.keys(widths)
        : (targets as string[]);
  const sum = names.reduce((total, name) => total + (widths[name] ?? 0), 0);
  return Number(lock.effective["adapter.r"]) * layers * sum;
}

function around(value: number, spread: number): Interval {
  return { value, low: value * (1 - spread), high: value * (1 + spread) };
}

function scaled({ value, low, high }: Interval, factor: number): Interval {
  return { value: value * factor, low: low * factor, high: high * factor };
}
