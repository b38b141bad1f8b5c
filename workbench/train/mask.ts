import type { ChatTokens, PlainMessage } from "./tokens.ts";
import { RowRefused } from "./tokens.ts";

/** Token ids, which of them are learned, and the number of tokens before the last learned span. */
export interface Sequence {
  readonly ids: readonly number[];
  readonly mask: readonly number[];
  readonly promptTokens: number;
}

/**
 * Renders, cuts at the supervised turns, encodes each piece on its own (docs/design/003): the
 * trained prompt then equals, id for id, the prompt that serving encodes.
 */
export function supervise(
  tokens: ChatTokens,
  messages: readonly PlainMessage[],
  turns: readonly number[],
): Sequence {
  for (const { role, content } of messages) {
    const forged = tokens.specials.find((special) => content.includes(special));
    if (forged !== undefined)
      throw new RowRefused(
        "special-token-in-content",
        `a ${role} message holds the text ${JSON.stringify(forged)}`,
      );
  }
  const whole = tokens.render(messages, false);
  const ids: number[] = [];
  const mask: number[] = [];
  let [at, promptTokens] = [0, 0];
  const add = (text: string, value: number): void => {
    const piece = text === "" ? [] : tokens.encode(text);
    for (const id of piece) {
      ids.push(id);
      mask.push(value);
    }
  };
  for (const turn of turns) {
    const { start, end } = spanOf(tokens, messages, { turn, whole });
    add(whole.slice(at, start), 0);
    promptTokens = ids.length;
    add(whole.slice(start, end), 1);
    at = end;
  }
  add(whole.slice(at), 0);
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
