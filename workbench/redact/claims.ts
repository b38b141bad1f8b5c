import type { Span } from "./detector.ts";

/** The characters of a text that an entity has already. */
export interface Claims {
  /** Claims a span; false, and nothing changes, when any character of it is taken. */
  readonly take: (span: Span) => boolean;
}

/**
 * Claims over a text of `length` UTF-16 units. Asking costs the length of the span, however many
 * spans were taken before: a text of a million addresses stays linear.
 */
export function claimsOver(length: number): Claims {
  let taken: Uint8Array | null = null; // most texts hold no entity: nothing is set aside for them
  return {
    take: ({ start, end }) => {
      taken ??= new Uint8Array(length);
      for (let at = start; at < end; at++) if (taken[at] === 1) return false;
      taken.fill(1, start, end);
      return true;
    },
  };
}
