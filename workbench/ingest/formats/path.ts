/** One step of a path: a member's name, or every element of a list. */
type Step = string | typeof EACH;
const EACH = Symbol("each element");

/** A parsed path such as `$.traj[].content`. */
export interface Path {
  readonly text: string;
  readonly steps: readonly Step[];
}

/** Null when the text is no path: it must open with `$`, and name members by letters, digits, _ and -, or in ["…"]. */
export function parsePath(text: string): Path | null {
  if (!/^\$(?:\.[\w$-]+|\["[^"]+"\]|\[\]|\[\*\])*$/.test(text)) return null;
  const steps = [...text.matchAll(/\.([\w$-]+)|\["([^"]+)"\]|\[[*]?\]/g)].map(
    ([, plain, quoted]) => plain ?? quoted ?? EACH,
  );
  return { text, steps };
}

/** The value at a path, undefined when there is none; a path through `[]` gives a list. */
export function valueAt(record: unknown, { steps }: Path): unknown {
  return follow(record, steps);
}

function follow(value: unknown, steps: readonly Step[]): unknown {
  let at = value;
  for (const [n, step] of steps.entries()) {
    if (step === EACH)
      return Array.isArray(at) ? at.map((item) => follow(item, steps.slice(n + 1))) : undefined;
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}

/** As `Fields` write it: `traj[].content`. */
export function fieldOf({ steps }: Path): string {
  return steps.map((step, n) => (step === EACH ? "[]" : n === 0 ? step : `.${step}`)).join("");
}
