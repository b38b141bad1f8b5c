import type { TokenRow } from "./rows.ts";

interface Turn {
  readonly role: string;
}

/**
 * Takes the oldest turns away until `fits` accepts the row; system messages stay, and what is left
 * begins with a user turn. Null when even the last question is too long.
 *
 * Worked value: system, user 1, assistant 1, user 2, assistant 2 → system, user 2, assistant 2.
 */
export function trimmed(
  row: unknown,
  fits: (row: unknown) => TokenRow | null,
): { readonly row: unknown; readonly tokens: TokenRow } | null {
  const key = "messages" in (row as object) ? "messages" : "prompt";
  const all = (row as Record<string, readonly Turn[]>)[key] ?? [];
  const head = all.filter((turn) => turn.role === "system");
  const rest = all.filter((turn) => turn.role !== "system");
  const questions = rest.flatMap((turn, index) => (turn.role === "user" && index > 0 ? [index] : []));
  for (const from of questions) {
    const shorter = { ...(row as object), [key]: [...head, ...rest.slice(from)] };
    const tokens = fits(shorter);
    if (tokens) return { row: shorter, tokens };
  }
  return null;
}
