import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import type { Reject } from "../schema/dataset.ts";
import { TokenCounts } from "../schema/recipe-lock.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
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

interface Job {
  readonly file: string;
  readonly fileSha256: string;
  readonly tokenizerSha256: string;
  readonly tokens: ChatTokens;
  readonly plan: TokenPlan;
}

/** Tokenises a split, or finds that this was done before with the same bytes, tokenizer and plan. */
export async function prepareSplit(
  project: Project,
  job: Job,
  effects: Effects = realEffects,
): Promise<PreparedSplit> {
  const { fileSha256, tokenizerSha256, plan } = job;
  const key = digestOf({
    version: 1,
    fileSha256,
    tokenizerSha256,
    template: job.tokens.templateSha256,
    plan,
  });
  const path = join(project.private, "cache", "tokens", `${key}.json`);
  const cached = await readCached(path, effects);
  if (cached) return { ...cached, text: null, rejects: [] };
  const text = Buffer.from(await effects.read(job.file)).toString("utf8");
  const split = tokeniseSplit(text, job);
  // A changed split needs its rows again, so only unchanged ones are remembered.
  if (split.text === null)
    await replaceFile(path, jsonText({ sha256: split.sha256, counts: split.counts }), effects);
  return split;
}

async function readCached(
  path: string,
  effects: Effects,
): Promise<{ readonly sha256: string; readonly counts: TokenCounts } | null> {
  if (!(await effects.stat(path))) return null;
  try {
    const json = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as Record<
      string,
      unknown
    >;
    return { sha256: String(json["sha256"]), counts: TokenCounts.parse(json["counts"]) };
  } catch {
    return null; // a cache that cannot be read is no cache
  }
}

/** The pure core: rows of a JSON-lines text → token stream hash, counts, and what the overlength rule did. */
export function tokeniseSplit(
  text: string,
  { file, tokens, plan }: Pick<Job, "file" | "tokens" | "plan">,
): PreparedSplit {
  const rows: TokenRow[] = [];
  const lines: string[] = [];
  const rejects: Reject[] = [];
  let [overlength, changed] = [0, false];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const at = `${file}:${index + 1}`;
    const parsed = parseLine(line, at);
    const row = tokenOrRefuse(parsed, tokens, { plan, at });
    const fits = isWithin(row, plan);
    if (fits) {
      rows.push(row);
      lines.push(line);
      continue;
    }
    overlength++;
    if (plan.overlength === "error") throw tooLong(row, plan, at);
    changed = true;
    const shorter =
      plan.overlength === "drop"
        ? null
        : trimmed(parsed, (next) => {
            const attempt = tokenOrRefuse(next, tokens, { plan, at });
            return isWithin(attempt, plan) ? attempt : null;
          });
    rejects.push(rejectOf(parsed, index + 1, { row, dropped: shorter === null }));
    if (shorter === null) continue;
    rows.push(shorter.tokens);
    lines.push(JSON.stringify(shorter.row));
  }
  if (rows.length === 0)
    throw new WorkbenchError({
      code: "WB_DATASET_EMPTY",
      where: file,
      what: "no row is left to learn from",
      fix: "raise length.max, or look at the reject list",
    });
  return {
    sha256: streamSha256(rows),
    counts: countsOf(rows, overlength),
    text: changed ? `${lines.join("\n")}\n` : null,
    rejects,
  };
}

function parseLine(line: string, at: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new WorkbenchError({
      code: "WB_DATASET_INVALID",
      where: at,
      what: "this line is not JSON",
      cause: error,
      fix: "build the dataset again",
    });
  }
}

function tokenOrRefuse(
  row: unknown,
  tokens: ChatTokens,
  { plan, at }: { readonly plan: TokenPlan; readonly at: string },
): TokenRow {
  try {
    return tokenRow(row, tokens, plan);
  } catch (error) {
    if (!(error instanceof RowRefused)) throw error;
    throw new WorkbenchError({
      code: "WB_TRAIN_REFUSED",
      where: at,
      what: error.message,
      ...ADVICE[error.flaw],
      cause: error,
    });
  }
}

const ADVICE: Readonly<Record<RowRefused["flaw"], { readonly why: string; readonly fix: string }>> = {
  "bad-row": {
    why: "every row must be a chat the base's template can render",
    fix: "remove or correct the row in the dataset's source",
  },
  "special-token-in-content": {
    why: "it would be read as the end of a turn: content could forge a conversation",
    fix: "remove the row, or the text in it",
  },
  "template-not-prefix-stable": {
    why: "the answer's tokens cannot be told from the prompt's, so the mask would be wrong",
    fix: "use lossOn: last with single-turn rows, or a base whose template only appends",
  },
  "no-end-of-turn": {
    why: "a model that never learns the end of a turn never stops",
    fix: "check eos_token and the chat template of the base",
  },
  "nothing-supervised": {
    why: "the loss would look healthy and nothing would be learned from this row",
    fix: "remove rows without an assistant turn, or use lossOn: assistant",
  },
};

const longest = (row: TokenRow): number => Math.max(...row.sequences.map(({ ids }) => ids.length));
const prompt = (row: TokenRow): number => Math.max(...row.sequences.map(({ promptTokens }) => promptTokens));

function isWithin(row: TokenRow, plan: TokenPlan): boolean {
  return longest(row) <= plan.maxTokens && (plan.kind !== "dpo" || prompt(row) <= plan.maxPrompt);
}

function tooLong(row: TokenRow, plan: TokenPlan, at: string): WorkbenchError {
  const isPrompt = longest(row) <= plan.maxTokens;
  return new WorkbenchError({
    code: "WB_TRAIN_REFUSED",
    where: at,
    what: isPrompt
      ? `this prompt has ${prompt(row)} tokens, length.maxPrompt is ${plan.maxPrompt}`
      : `this row has ${longest(row)} tokens, length.max is ${plan.maxTokens}`,
    why: "cutting it would teach answers to questions that are not there",
    fix: "raise the limit, or write data: {overlength: drop} or trimTurns",
  });
}

function rejectOf(
  row: unknown,
  line: number,
  { row: tokens, dropped }: { readonly row: TokenRow; readonly dropped: boolean },
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
