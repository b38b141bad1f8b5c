import { createHash } from "node:crypto";
import type { PlainMessage, ChatTokens } from "./tokens.ts";
import { RowRefused } from "./tokens.ts";
import type { Piece, Sequence } from "./mask.ts";
import { piecesOf, supervise } from "./mask.ts";

export type RowKind = "sft" | "dpo";
export type LossOn = "assistant" | "last";

/** A row as it will be learned: an SFT chat gives one sequence, a pair gives chosen and rejected. */
export interface TokenRow {
  readonly sequences: readonly Sequence[];
}

const ROLES = ["system", "user", "assistant", "tool"];

/** A chat of a row and the assistant turns of it that are learned. */
interface LearnedChat {
  readonly messages: readonly PlainMessage[];
  readonly turns: readonly number[];
}

interface RowPlan {
  readonly kind: RowKind;
  readonly lossOn: LossOn;
}

/** The chats of one parsed row: one, or prompt + chosen and prompt + rejected. */
function chatsOf(row: unknown, { kind, lossOn }: RowPlan): readonly LearnedChat[] {
  if (kind === "dpo") {
    const prompt = messagesOf(row, "prompt");
    const answers = (["chosen", "rejected"] as const).map((key) => answerOf(row, key));
    return answers.map((answer) => ({ messages: [...prompt, ...answer], turns: [prompt.length] }));
  }
  const messages = messagesOf(row, "messages");
  const all = messages.flatMap((message, index) => (message.role === "assistant" ? [index] : []));
  const last = all.at(-1) === messages.length - 1 ? all.slice(-1) : [];
  return [{ messages, turns: lossOn === "last" ? last : all }];
}

/** The sequences of one parsed row. Throws RowRefused with the word that Python uses for the same flaw. */
export function tokenRow(row: unknown, tokens: ChatTokens, plan: RowPlan): TokenRow {
  return {
    sequences: chatsOf(row, plan).map(({ messages, turns }) => supervise(tokens, messages, turns)),
  };
}

/** The rendered text of a row, cut into what is learned and what is not: what `train check` shows. */
export function rowPieces(row: unknown, tokens: ChatTokens, plan: RowPlan): readonly (readonly Piece[])[] {
  return chatsOf(row, plan).map(({ messages, turns }) => piecesOf(tokens, messages, turns));
}

function messagesOf(row: unknown, key: string): readonly PlainMessage[] {
  const value = row !== null && typeof row === "object" ? (row as Record<string, unknown>)[key] : undefined;
  if (!Array.isArray(value) || value.length === 0)
    throw new RowRefused("bad-row", `${key} must be a list of messages`);
  return value.map((message: unknown) => {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (typeof role !== "string" || !ROLES.includes(role) || typeof content !== "string")
      throw new RowRefused("bad-row", `${key} holds a message without a known role and text content`);
    return { role, content };
  });
}

function answerOf(row: unknown, key: string): readonly PlainMessage[] {
  const messages = messagesOf(row, key);
  if (messages.length !== 1 || messages[0]?.role !== "assistant")
    throw new RowRefused("bad-row", `${key} must hold exactly one assistant message`);
  return messages;
}

/**
 * SHA-256 of the token stream: for every sequence its length as uint32, its ids as uint32 (both
 * little-endian) and its mask as bytes. Worked value: ids [1, 258], mask [0, 1] hash the 14 bytes
 * `02000000 01000000 02010000 00 01`.
 */
export function streamSha256(rows: Iterable<TokenRow>): string {
  const hash = createHash("sha256");
  for (const row of rows)
    for (const { ids, mask } of row.sequences) {
      const bytes = Buffer.alloc(4 + ids.length * 5);
      bytes.writeUInt32LE(ids.length, 0);
      ids.forEach((id, index) => bytes.writeUInt32LE(id, 4 + index * 4));
      bytes.set(mask, 4 + ids.length * 4);
      hash.update(bytes);
    }
  return hash.digest("hex");
}
