import type { QeInput } from "./task.ts";

type Language = (QeInput & { readonly category: "test-generation" })["language"];

const TEXT_OR_BLANK = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|(?<=\S)[ \t]+(?=\S)/g;

/** The same program as another text: blanks between words of a line become longer, or comments. */
export function rewritten(source: string, language: Language): string {
  const blank = language === "javascript" ? " /* */ " : "   ";
  return source.replace(TEXT_OR_BLANK, (_, text: string | undefined) => text ?? blank);
}

const EXPORTED = /^export\s+(?:async\s+)?(?:function\s*\*?|const|let|class)\s*([A-Za-z_$][\w$]*)/gm;

/** What a JavaScript source exports by name; of Python everything is there. */
export function exportsOf(source: string): readonly string[] {
  return [...source.matchAll(EXPORTED)].map(([, name = ""]) => name);
}

/**
 * A module that does what the source does and shows nothing of how: its functions are proxies, their text and
 * byte code are the same for every version. A test has to call them; only one that unpacks the file could
 * still read what it tests.
 */
export function behind(source: string, language: Language, exported: readonly string[]): string {
  const packed = Buffer.from(source).toString("base64");
  if (language === "javascript") {
    return [
      `const inner = await import("data:text/javascript;base64,${packed}");`,
      'const behind = (it) => (typeof it === "function" ? new Proxy(it, {}) : it);',
      ...exported.map((name) => `export const ${name} = behind(inner.${name});`),
      "",
    ].join("\n");
  }
  return `import base64, types
_inner = {"__name__": "subject"}
exec(base64.b64decode("${packed}"), _inner)
def _behind(it):
    return (lambda *args, **named: it(*args, **named)) if isinstance(it, types.FunctionType) else it
globals().update({name: _behind(it) for name, it in _inner.items() if not name.startswith("__")})
`;
}

/** Shorter lines, `return 0;` or a brace, are in many programs. */
const TELLING_CHARACTERS = 12;
const COPIED_SHARE = 0.6;

/**
 * Whether tests hold most of the source's telling lines: what is compared with a copy of itself is not tested.
 * Worked value: two of three telling lines are a copy, one is none.
 */
export function carriesCopy(tests: string, source: string): boolean {
  const telling = (text: string): readonly string[] =>
    text
      .split("\n")
      .map((line) => line.replaceAll(/^\s*export\s|[\s;]/g, ""))
      .filter((line) => line.length >= TELLING_CHARACTERS);
  const lines = telling(source);
  const there = new Set(telling(tests));
  const copied = lines.filter((line) => there.has(line)).length;
  return copied >= 2 && copied >= COPIED_SHARE * lines.length;
}
