import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A small function of the QE suite: what it shall do, how it does it, and tests that say so. */
export interface Unit {
  readonly name: string;
  readonly language: "javascript" | "python";
  readonly difficulty: "easy" | "medium" | "hard";
  readonly spec: string;
  readonly source: string;
  /** One statement each; all of them together kill every planted mutant. */
  readonly tests: readonly string[];
  /** The name that tests import. */
  readonly entry: string;
}

const FOLDER = join(import.meta.dirname, "units");

/** The units in the order of their names (.txt, so that no formatter breaks a test into lines): `// difficulty: spec`, the source, `// tests`, the tests. */
export function readUnits(): readonly Unit[] {
  return readdirSync(FOLDER).sort().map(readUnit);
}

function readUnit(file: string): Unit {
  const text = readFileSync(join(FOLDER, file), "utf8");
  const parts = /^(?:\/\/|#) (easy|medium|hard): (.+)\n([\s\S]+?)\n(?:\/\/|#) tests\n([\s\S]+)$/.exec(text);
  const [, difficulty, spec, source, tests] = parts ?? [];
  const entry = /^(?:export function|def) (\w+)/m.exec(source ?? "")?.[1];
  if (!difficulty || !spec || !source || !tests || !entry) throw new Error(`${file} is no unit`);
  return {
    name: file.replace(/\.\w+\.txt$/, ""),
    language: file.endsWith(".py.txt") ? "python" : "javascript",
    difficulty: difficulty as Unit["difficulty"],
    spec,
    source,
    tests: tests.trimEnd().split("\n"),
    entry,
  };
}

const RAISES = `from contextlib import contextmanager

@contextmanager
def raises(kind):
    try:
        yield
    except kind:
        return
    raise AssertionError("nothing was raised")
`;

/** The unit's tests as the file that a good answer would be. */
export function testFile({ language, entry, tests }: Unit): string {
  if (language === "python") {
    const functions = tests.map((line, i) => `def test_${i + 1}():\n    ${line}\n`);
    const head = tests.some((line) => line.includes("raises(")) ? `${RAISES}\n` : "";
    return `${head}from subject import ${entry}\n\n${functions.join("\n")}`;
  }
  const head = [
    'import assert from "node:assert/strict";',
    'import test from "node:test";',
    `import { ${entry} } from "./subject.mjs";`,
  ];
  return `${head.join("\n")}\n\n${tests.map((line, i) => `test("${i + 1}", () => {\n  ${line}\n});`).join("\n")}\n`;
}

/** Tests that call the unit and check nothing. */
export function lazyTestFile(unit: Unit): string {
  const lines =
    unit.language === "python"
      ? [
          "import subject",
          "",
          "def test_it():",
          "    try:",
          `        subject.${unit.entry}()`,
          "    except Exception:",
          "        pass",
        ]
      : [
          'import test from "node:test";',
          `import { ${unit.entry} } from "./subject.mjs";`,
          "",
          `test("it", () => {`,
          `  try { ${unit.entry}("", 1); } catch {}`,
          "});",
        ];
  return `${lines.join("\n")}\n`;
}
