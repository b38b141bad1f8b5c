import type { Needs } from "./detector.ts";

/** Whether a text can hold anything that the detectors behind it look for. */
export type Gate = (text: string) => boolean;

/** What one detector needs; `digits` is how many the text has, counted once for all of them. */
export function gateTo(needs: Needs): (text: string, digits: number) => boolean {
  const covered = gateOf([needs]);
  const { digits: wanted = 0 } = needs;
  return (text, digits) => digits >= wanted && covered(text);
}

/** ASCII digits in a text, counting stops at `enough`. */
export function digitsIn(text: string, enough = 16): number {
  let count = 0;
  for (let at = 0; at < text.length && count < enough; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) count++;
  }
  return count;
}

/**
 * The union of what detectors need, as one character class and a few texts: a class is scanned at
 * about a nanosecond a character, an alternation of patterns at ten.
 */
export function gateOf(needs: readonly Needs[]): Gate {
  const chars = [...new Set(needs.map((need) => need.chars ?? "").filter((some) => some !== ""))];
  // A hyphen stands last in a class, or it would make a range.
  const inClass =
    chars.map((some) => some.replace(/-$/, "")).join("") +
    (chars.some((some) => some.endsWith("-")) ? "-" : "");
  const pattern = inClass === "" ? null : new RegExp(`[${inClass}]`, "u");
  const covered = (text: string): boolean => pattern?.test(text) ?? false;
  const texts = [...new Set(needs.flatMap((need) => need.texts ?? []))].filter((text) => !covered(text));
  return (text) => covered(text) || texts.some((some) => text.includes(some));
}
