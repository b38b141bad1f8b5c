/** A table's words: one list a row, the head first. Texts hold no control characters. */
export interface TerminalTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of the terminal; Infinity where nobody looks at one. */
  readonly width: number;
  /** Columns to the right edge, as numbers are read. */
  readonly numeric?: readonly number[];
}

const GAP = "  ";
const MOST = 32;
const LEAST = 4;

/**
 * Lines of a table that fit the terminal: while it is too wide the widest column gives way, and a text that is cut
 * ends in "…". The last column takes what is left. Widths are cells of the terminal, where 日 and 👍 take two.
 */
export function terminalTable({ head, rows, width, numeric = [] }: TerminalTable): readonly string[] {
  if (head.length === 0) return [];
  // A huge text is as wide as the terminal, and need not be walked to its end.
  const measured = (text: string): number => cellsOf(text.slice(0, 4 * width));
  const widths = fitted(
    head.map((name, n) =>
      Math.min(
        n === head.length - 1 ? Infinity : MOST,
        rows.reduce((most, row) => Math.max(most, measured(row[n] ?? "")), cellsOf(name)),
      ),
    ),
    width - GAP.length * (head.length - 1),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, n) => {
        const cut = cutTo(text, widths[n] ?? 0);
        const blank = " ".repeat(Math.max(0, (widths[n] ?? 0) - cellsOf(cut)));
        if (numeric.includes(n)) return blank + cut;
        return n === row.length - 1 ? cut : cut + blank;
      })
      .join(GAP)
      .trimEnd();
  return [line(head), ...rows.map(line)];
}

/** Takes cells from the widest column until all fit, or none is wider than a few cells. */
function fitted(widths: readonly number[], room: number): readonly number[] {
  const found = [...widths];
  for (;;) {
    const sum = found.reduce((all, one) => all + one, 0);
    const widest = found.indexOf(Math.max(...found));
    const most = found[widest] ?? 0;
    if (sum <= room || most <= LEAST) return found;
    const second = Math.max(LEAST, ...found.filter((_, n) => n !== widest));
    found[widest] = Math.max(LEAST, Math.min(most - 1, Math.max(second, most - (sum - room))));
  }
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const PLAIN = /^[\x20-\x7e]*$/;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u;
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Cells that a text takes in a terminal (Unicode 15, East Asian Width). Worked value: "a日👍é" takes 6. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) cells += cellsOfGrapheme(segment);
  return cells;
}

const cellsOfGrapheme = (grapheme: string): number =>
  NOTHING.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1;

/** At most so many cells of a text; what is cut ends in "…". Worked value: `cutTo("日本語", 5)` is "日本…". */
export function cutTo(text: string, width: number): string {
  // No grapheme is shorter than a code unit: a huge text is not walked to its end.
  if (text.length <= width * 4 && cellsOf(text) <= width) return text;
  let kept = "";
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) {
    const more = cellsOfGrapheme(segment);
    if (cells + more > width - 1) break;
    kept += segment;
    cells += more;
  }
  return `${kept}…`;
}
