import type { ChatTokens, PlainMessage } from "./tokens.ts";
import { RowRefused } from "./tokens.ts";

/** Token ids, which of them are learned, and the number of tokens before the last learned span. */
export interface Sequence {
  readonly ids: readonly number[];
  readonly mask: readonly number[];
  readonly promptTokens: number;
}

/** A part of a rendered row; learned parts are answers with their end-of-turn text. */
export interface Piece {
  readonly text: string;
  readonly learned: boolean;
}

/** Renders a row and cuts it at the supervised turns. Empty pieces are left out. */
export function piecesOf(
  tokens: ChatTokens,
  messages: readonly PlainMessage[],
  turns: readonly number[],
): readonly Piece[] {
  for (const { role, content } of messages) {
    const forged = tokens.specials.find((special) => content.includes(special));
    if (forged !== undefined)
      throw new RowRefused(
        "special-token-in-content",
        `a ${role} message holds the text ${JSON.stringify(forged)}`,
      );
  }
  const whole = tokens.render(messages, false);
  const pieces: Piece[] = [];
  let at = 0;
  for (const turn of turns) {
    const { start, end } = spanOf(tokens, messages, { turn, whole });
    pieces.push({ text: whole.slice(at, start), learned: false });
    pieces.push({ text: whole.slice(start, end), learned: true });
    at = end;
  }
  pieces.push({ text: whole.slice(at), learned: false });
  return pieces.filter(({ text }) => text !== "");
}

/**
 * Encodes each piece of a row on its own (docs/design/003): the trained prompt then equals, id for
 * id, the prompt that serving encodes.
 */
export function supervise(
  tokens: ChatTokens,
  messages: readonly PlainMessage[],
  turns: readonly number[],
): Sequence {
  const ids: number[] = [];
  const mask: number[] = [];
  let promptTokens = 0;
  for (const { text, learned } of piecesOf(tokens, messages, turns)) {
    if (learned) promptTokens = ids.length;
    for (const id of tokens.encode(text)) {
      ids.push(id);
      mask.push(learned ? 1 : 0);
    }
  }
  if (!mask.includes(1) || mask[0] === 1)
    throw new RowRefused("nothing-supervised", "the row has no assistant turn that can be learned");
  return { ids, mask, promptTokens };
}

/** Where the answer of `turn` and its end-of-turn text stand in the whole render. */
function spanOf(
  tokens: ChatTokens,
  messages: readonly PlainMessage[],
  { turn, whole }: { readonly turn: number; readonly whole: string },
): { readonly start: number; readonly end: number } {
  const before = tokens.render(messages.slice(0, turn), true);
  const through = tokens.render(messages.slice(0, turn + 1), false);
  if (!through.startsWith(before) || !whole.startsWith(through))
    throw new RowRefused(
      "template-not-prefix-stable",
      `the render of turn ${turn} is not a prefix of the whole render`,
    );
  const ends = tokens.endOfTurn
    .map((text) => ({ at: through.indexOf(text, before.length), text }))
    .filter(({ at }) => at >= 0)
    .map(({ at, text }) => at + text.length);
  if (ends.length === 0)
    throw new RowRefused(
      "no-end-of-turn",
      `the render of turn ${turn} holds none of ${JSON.stringify(tokens.endOfTurn)}`,
    );
  return { start: before.length, end: Math.min(...ends) };
}
