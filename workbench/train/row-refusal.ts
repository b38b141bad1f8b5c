import { WorkbenchError } from "../errors/error.ts";
import type { TokenRow } from "./rows.ts";
import type { RowRefused } from "./tokens.ts";

/** Tokens of a row's longest sequence. */
export const longest = (row: TokenRow): number => Math.max(...row.sequences.map(({ ids }) => ids.length));
/** Tokens of a row's longest prompt. */
export const prompt = (row: TokenRow): number =>
  Math.max(...row.sequences.map(({ promptTokens }) => promptTokens));

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

/** A row that cannot be learned, with its line and what to do about it. */
export function refusedRow(error: RowRefused, at: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_TRAIN_REFUSED",
    where: at,
    what: error.message,
    ...ADVICE[error.flaw],
    cause: error,
  });
}

/** A line of a dataset as JSON. */
export function parseLine(line: string, at: string): unknown {
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

export function tooLong(
  row: TokenRow,
  plan: { readonly maxTokens: number; readonly maxPrompt: number },
  at: string,
): WorkbenchError {
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

export function nothingLeft(file: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_DATASET_EMPTY",
    where: file,
    what: "no row is left to learn from",
    fix: "raise length.max, or look at the reject list",
  });
}
