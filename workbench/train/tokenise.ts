import type { Reject } from "../schema/dataset.ts";
import type { TokenCounts } from "../schema/recipe-lock.ts";
import { longest, nothingLeft, parseLine, prompt, refusedRow, tooLong } from "./row-refusal.ts";
import type { LossOn, RowKind, TokenRow } from "./rows.ts";
import { streamSha256, tokenRow } from "./rows.ts";
import type { ChatTokens } from "./tokens.ts";
import { RowRefused } from "./tokens.ts";
import { trimmed } from "./trim.ts";

/** How rows become tokens; everything that the stream hash depends on beside rows and tokenizer. */
export interface TokenPlan {
  readonly kind: RowKind;
  readonly lossOn: LossOn;
  readonly overlength: "error" | "drop" | "trimTurns";
  readonly maxTokens: number;
  readonly maxPrompt: number;
}

/** One split as it will be learned. */
export interface PreparedSplit {
  readonly sha256: string;
  readonly counts: TokenCounts;
  /** The rows to train on when some were dropped or trimmed; null = the dataset's file as it is. */
  readonly text: string | null;
  readonly rejects: readonly Reject[];
}

/** The pure core: rows of a JSON-lines text → token stream hash, counts, and what the overlength rule did. */
export function tokeniseSplit(
  text: string,
  job: { readonly file: string; readonly tokens: ChatTokens; readonly plan: TokenPlan },
): PreparedSplit {
  const kept: { readonly line: string; readonly tokens: TokenRow }[] = [];
  const rejects: Reject[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const at = `${job.file}:${index + 1}`;
    const row = parseLine(line, at);
    const tokens = tokenOrRefuse(row, job, at);
    if (isWithin(tokens, job.plan)) {
      kept.push({ line, tokens });
      continue;
    }
    if (job.plan.overlength === "error") throw tooLong(tokens, job.plan, at);
    const shorter = shortened(row, job, at);
    rejects.push(rejectOf(row, index + 1, { tokens, dropped: shorter === null }));
    if (shorter !== null) kept.push({ line: JSON.stringify(shorter.row), tokens: shorter.tokens });
  }
  if (kept.length === 0) throw nothingLeft(job.file);
  const rows = kept.map(({ tokens }) => tokens);
  return {
    sha256: streamSha256(rows),
    counts: countsOf(rows, rejects.length),
    text: rejects.length > 0 ? kept.map(({ line }) => `${line}\n`).join("") : null,
    rejects,
  };
}

type TokenJob = Parameters<typeof tokeniseSplit>[1];

function shortened(row: unknown, job: TokenJob, at: string): ReturnType<typeof trimmed> {
  if (job.plan.overlength === "drop") return null;
  return trimmed(row, (next) => {
    const attempt = tokenOrRefuse(next, job, at);
    return isWithin(attempt, job.plan) ? attempt : null;
  });
}

function tokenOrRefuse(row: unknown, { tokens, plan }: TokenJob, at: string): TokenRow {
  try {
    return tokenRow(row, tokens, plan);
  } catch (error) {
    throw error instanceof RowRefused ? refusedRow(error, at) : error;
  }
}

function isWithin(row: TokenRow, plan: TokenPlan): boolean {
  return longest(row) <= plan.maxTokens && (plan.kind !== "dpo" || prompt(row) <= plan.maxPrompt);
}

function rejectOf(
  row: unknown,
  line: number,
  { tokens, dropped }: { readonly tokens: TokenRow; readonly dropped: boolean },
): Reject {
  const id = (row as { interaction_id?: unknown }).interaction_id;
  return {
    interaction_id: typeof id === "string" ? id : `line ${line}`,
    step: "train",
    rule: dropped ? "overlength: drop" : "overlength: trimTurns",
    detail: `line ${line}: ${longest(tokens)} tokens, prompt ${prompt(tokens)}`,
    kept_instead: null,
  };
}

function countsOf(rows: readonly TokenRow[], overlength: number): TokenCounts {
  const all = rows.flatMap((row) => row.sequences);
  const sum = (value: (sequence: (typeof all)[number]) => number): number =>
    all.reduce((total, one) => total + value(one), 0);
  return {
    rows: rows.length,
    total: sum(({ ids }) => ids.length),
    supervised: sum(({ mask }) => mask.reduce((total, bit) => total + bit, 0)),
    overlength,
    longest: all.reduce((most, { ids }) => Math.max(most, ids.length), 0),
    longestPrompt: all.reduce((most, { promptTokens }) => Math.max(most, promptTokens), 0),
    squares: sum(({ ids }) => ids.length ** 2),
  };
}
