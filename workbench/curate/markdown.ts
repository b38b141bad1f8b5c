import { printable } from "../errors/printable.ts";

/**
 * Text from logs or models inside a Markdown page: a fenced block whose fence is longer than any run
 * of backticks in it, control characters written out, cut at `limit` characters. Nothing in it can
 * end the block, so nothing in it is markup.
 */
export function fenced(text: string, limit = 400): string {
  const shown = printable(cut(text, limit).replaceAll("\r", ""));
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${shown}\n${fence}`;
}

/**
 * Text in a table cell or a sentence: one line, every character that Markdown or HTML gives a
 * meaning escaped.
 *
 * Worked value: `inline("<b>|*")` is `&lt;b&gt;\|\*`.
 */
export function inline(text: string, limit = 120): string {
  return printable(cut(text, limit).replace(/\s+/gu, " "))
    .replace(/[\\`*_{}[\]()#+!|~]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** At most `limit` UTF-16 units, never half of a surrogate pair. */
function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).toWellFormed()}…` : text;
}
