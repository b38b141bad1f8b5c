declare const brand: unique symbol;

/** Markup that is safe to put into a page: made by the `html` tag and by nothing else. */
export interface Html {
  readonly [brand]: true;
  readonly text: string;
}

type Hole = Html | readonly Html[] | string | number | null | undefined | false;

// Everything but letters, digits, blanks and harmless punctuation is written as a character
// reference. That covers HTML, and also `${`, backticks, `_` and `*`, which Framework's Markdown and
// its JavaScript holes would otherwise act on.
const KEPT = /[^\p{L}\p{N} .,:;()%+/-]/gu;
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text from data as it may stand in a page, an attribute or a heading.
 *
 * Worked value: `escape("a<b>${x}")` is `a&#60;b&#62;&#36;&#123;x&#125;`.
 */
export function escape(text: string): string {
  return text
    .replace(INVISIBLE, (char) => `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`)
    .replace(KEPT, (char) => `&#${char.codePointAt(0) ?? 0};`);
}

/**
 * The only door between data and a page: every hole is escaped unless it is already `Html`. The
 * result is one line, so that Markdown never wakes up inside it.
 */
export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  const text = parts.reduce((out, part, i) => out + render(holes[i - 1]) + part);
  return { text: text.replace(/\s*\n\s*/g, " ") } as unknown as Html;
}

/** Several pieces, one after the other. */
export function join(pieces: readonly Html[], between = ""): Html {
  return { text: pieces.map(({ text }) => text).join(between) } as unknown as Html;
}

function render(hole: Hole): string {
  if (hole === null || hole === undefined || hole === false) return "";
  if (typeof hole === "string") return escape(hole);
  if (typeof hole === "number") return escape(String(hole));
  return "text" in hole ? hole.text : join(hole).text;
}

/** A whole page: front matter, then blocks of one line each, with blank lines between them. */
export function page(title: string, blocks: readonly Html[], cells: readonly string[] = []): string {
  const clean = title.replace(INVISIBLE, " ").replace(/[^\p{L}\p{N} .,:;()%+/@-]/gu, "");
  const scripts = cells.map((cell) => `\`\`\`js\n${cell}\n\`\`\``);
  return `---\ntitle: ${JSON.stringify(clean)}\ntoc: false\n---\n\n${[...blocks.map(({ text }) => text), ...scripts].join("\n\n")}\n`;
}
