/** JSON out of a model's answer, or why there is none. Never throws. */
export type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

const MAX_DEPTH = 64;
// The first line ends at its own newline: one pattern for two runs of newlines takes the square of the time.
const FENCED = /^\s*```(?:json)?[^\S\n]*\n([\s\S]*?)\n?```\s*$/i;

/**
 * Parses an answer as JSON: the whole text, or the whole of one Markdown fence. Deeper than 64
 * levels is refused before parsing, so that no answer can overflow the stack.
 * Worked value: `` parseAnswer('```json\n{"a":1}\n```') `` is `{ok: true, value: {a: 1}}`.
 */
export function parseAnswer(text: string): Parsed {
  const body = FENCED.exec(text)?.[1] ?? text;
  if (depthOf(body) > MAX_DEPTH) return { ok: false, why: `nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { ok: true, value: JSON.parse(body) };
  } catch {
    return { ok: false, why: "the answer is not JSON" };
  }
}

/** The deepest nesting of brackets outside of strings. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth--;
  }
  return deepest;
}

/**
 * The member at a dotted path, own members only; undefined where there is none.
 * Worked value: `memberAt({a: [{b: 2}]}, "a.0.b")` is 2.
 */
export function memberAt(value: unknown, path: string): unknown {
  let at: unknown = value;
  for (const part of path === "" ? [] : path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}
