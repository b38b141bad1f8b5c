import type { EntityKind } from "./detector.ts";

/** What redaction did to one source, for people to check: no value, no text around one. */
export interface RedactionReport {
  /** Most frequent first. `column` is the row's; `agent` is null where the row names none. */
  readonly replaced: readonly { readonly kind: string; readonly column: string; readonly agent: string | null; readonly count: number }[]; // prettier-ignore
  /** Look-alikes that failed their checksum and stayed. */
  readonly left: Readonly<Record<string, number>>;
  /** Ten shapes of replaced values, of as many kinds and columns as there are. */
  readonly examples: readonly { readonly kind: string; readonly column: string; readonly shape: string }[];
}

/** One replaced value. */
export interface Replaced {
  readonly kind: EntityKind;
  readonly column: string;
  readonly value: string;
}

export interface RedactionTally {
  readonly add: (replaced: Replaced, agent: string | null) => void;
  readonly leave: (what: string, times: number) => void;
  /** Adds what another tally counted, of what came after all that is counted here. */
  readonly merge: (part: RedactionReport) => void;
  readonly report: () => RedactionReport;
}

const EXAMPLES = 10;
const MOST_LINES = 2000;

/** Counts what is replaced, by kind, column and agent. */
export function redactionTally(): RedactionTally {
  const lines = new Map<string, { kind: string; column: string; agent: string | null; count: number }>();
  const examples = new Map<string, { kind: string; column: string; shape: string }>();
  const left: Record<string, number> = {};
  const count = (kind: string, column: string, named: string | null, times: number): void => {
    // A log with an agent for every request must not become a report as long as itself.
    const agent = lines.size < MOST_LINES ? named : "(others)";
    const name = JSON.stringify([kind, column, agent]);
    const line = lines.get(name) ?? { kind, column, agent, count: 0 };
    line.count += times;
    lines.set(name, line);
  };
  const isExample = (kind: string, column: string): boolean =>
    examples.size < EXAMPLES && !examples.has(`${kind} ${column}`);
  const leave = (what: string, times: number): void => void (left[what] = (left[what] ?? 0) + times);
  return {
    add: ({ kind, column, value }, agent) => {
      count(kind, column, agent, 1);
      if (isExample(kind, column)) examples.set(`${kind} ${column}`, { kind, column, shape: shapeOf(value) });
    },
    leave,
    merge: (part) => {
      for (const { kind, column, agent, count: times } of part.replaced) count(kind, column, agent, times);
      for (const what of Object.keys(part.left)) leave(what, part.left[what] ?? 0);
      for (const example of part.examples)
        if (isExample(example.kind, example.column))
          examples.set(`${example.kind} ${example.column}`, example);
    },
    report: () => ({
      replaced: [...lines.values()].sort((a, b) => b.count - a.count || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)), // prettier-ignore
      left,
      examples: [...examples.values()],
    }),
  };
}

/**
 * A value with every letter as x and every digit as 9, at most 40 characters.
 * Worked value: `shapeOf("ann.1@ex.org")` is `xxx.9@xx.xxx`.
 */
export function shapeOf(value: string): string {
  const shape = value
    .replace(/\p{L}|\p{M}/gu, "x")
    .replace(/\p{N}/gu, "9")
    .replace(/[^\x20-\x7e]/g, "?");
  return shape.length > 40 ? `${shape.slice(0, 39)}…` : shape;
}
