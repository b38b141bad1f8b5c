import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A change under review. In `after`, `//! kind` or `#! kind` at a line's end plants a defect there. */
export interface Review {
  readonly name: string;
  readonly language: "javascript" | "python";
  readonly difficulty: "easy" | "medium" | "hard";
  readonly about: string;
  readonly before: string;
  readonly after: string;
}

const FOLDER = join(import.meta.dirname, "reviews");
/** As the suite has them: from the plain to the subtle. */
const LEVELS = ["easy", "medium", "hard"] as const;

/** The changes, easy ones first (.txt, so that no formatter moves a line): `// difficulty: about`, the text before, `// after`, the text after. */
export function readReviews(): readonly Review[] {
  const all = readdirSync(FOLDER).sort().map(readReview);
  return LEVELS.flatMap((level) => all.filter(({ difficulty }) => difficulty === level));
}

function readReview(file: string): Review {
  const text = readFileSync(join(FOLDER, file), "utf8");
  const parts = /^(?:\/\/|#) (easy|medium|hard): (.+)\n([\s\S]*?)(?:\/\/|#) after\n([\s\S]+)$/.exec(text);
  const [, difficulty, about, before, after] = parts ?? [];
  if (!difficulty || !about || before === undefined || !after) throw new Error(`${file} is no review`);
  return {
    name: file.replace(/\.\w+\.txt$/, ""),
    language: file.endsWith(".py.txt") ? "python" : "javascript",
    difficulty: difficulty as Review["difficulty"],
    about,
    before,
    after,
  };
}

const MARK = / (?:\/\/|#)! ([a-z-]+)$/;

/** The text without its marks, and the defects that they planted, by their line. */
export function planted(after: string): {
  readonly text: string;
  readonly defects: readonly { readonly line: number; readonly kind: string }[];
} {
  const lines = after.split("\n");
  const defects = lines.flatMap((line, i) => {
    const kind = MARK.exec(line)?.[1];
    return kind === undefined ? [] : [{ line: i + 1, kind }];
  });
  return { text: lines.map((line) => line.replace(MARK, "")).join("\n"), defects };
}

/** A unified diff of two small texts in one hunk, with all of their lines. */
export function diffOf(name: string, before: string, after: string): string {
  const [a, b] = [before.trimEnd().split("\n"), after.trimEnd().split("\n")];
  // Longest common subsequence, from the ends.
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out = [`--- a/${name}`, `+++ b/${name}`, `@@ -1,${a.length} +1,${b.length} @@`];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) [out[out.length], i, j] = [` ${a[i]}`, i + 1, j + 1];
    else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) out.push(`-${a[i++]}`);
    else out.push(`+${b[j++]}`);
  }
  return `${out.join("\n")}\n`;
}
