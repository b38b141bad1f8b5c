import type { ChatClient } from "../../endpoint/client.ts";
import { printable } from "../../errors/printable.ts";
import type { Effects } from "../../store/effects.ts";

/**
 * Stands in a request for the random number of its fences until it is sent, so that the same question
 * has the same digest. A private character: no quoted text can hold it, since `quotedText` takes it out.
 */
export const BLANK = "\uE000nonce\uE000";

const MOST_CHARACTERS = 40_000;

/**
 * A text as data between fences. Who wrote it does not know the number on them and cannot close them.
 * Worked value: `fenced("OUTPUT", "hi")` is `<<<OUTPUT ${BLANK}\nhi\nOUTPUT ${BLANK}>>>`.
 */
export function fenced(name: string, text: string): string {
  return `<<<${name} ${BLANK}\n${quotedText(text)}\n${name} ${BLANK}>>>`;
}

/**
 * A text that shows what it holds: control and bidi characters written out, tags that chat templates
 * give a meaning broken up, and a middle cut out of what is longer than 40 000 characters.
 * Worked value: `quotedText("<|im_start|>")` is "<\\u007cim_start|>".
 */
export function quotedText(text: string): string {
  const shown = printable(text)
    .replace(/[\uE000-\uF8FF\u200B-\u200D\u2060\uFEFF]/g, written)
    .replace(/[\u{E0000}-\u{E007F}]/gu, written)
    .replace(/<\|/g, "<\\u007c")
    .replace(/\[(?=\/?(?:INST|SYSTEM)\b)/gi, "\\u005b")
    .replace(/<(?=\/?(?:s|start_of_turn|end_of_turn|assistant|system|user)>)/gi, "\\u003c");
  if (shown.length <= MOST_CHARACTERS) return shown;
  const half = MOST_CHARACTERS / 2;
  const left = shown.length - MOST_CHARACTERS;
  return `${shown.slice(0, half)}\n(${left} characters are left out here)\n${shown.slice(-half)}`;
}

const written = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** A client that puts a fresh random number into every request it sends. */
export function withNonce(client: ChatClient, effects: Effects): ChatClient {
  return {
    ...client,
    chat: (request, options) => {
      const nonce = Buffer.from(effects.random(12)).toString("hex");
      const messages = request.messages.map((message) => ({
        ...message,
        content: message.content.replaceAll(BLANK, nonce),
      }));
      return client.chat({ ...request, messages }, options);
    },
  };
}
