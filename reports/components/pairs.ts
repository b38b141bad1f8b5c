import { clipped, differing, el, facts, readable } from "./text.js";

interface Pair {
  readonly label: string;
  readonly delta: number;
  readonly input: unknown;
  readonly expected: unknown;
  readonly baseline: string | null;
  readonly candidate: string | null;
}

/** Draws the worst pairs of a decision, both outputs side by side. */
export function showPairs(host: HTMLElement, pairs: readonly Pair[]): void {
  host.replaceChildren(
    el("h3", pairs.length === 1 ? "The worst pair" : `The ${pairs.length} worst pairs`),
    ...pairs.map(({ label, input, expected, baseline, candidate }) => {
      const card = el("article", null, "pair");
      card.append(
        facts([
          ["item", label],
          ["input", clipped(readable(input))],
          ["expected", clipped(readable(expected))],
          ["baseline", clipped(readable(baseline))],
          ["candidate", differing(readable(baseline), clipped(readable(candidate)))],
        ]),
      );
      return card;
    }),
  );
}
