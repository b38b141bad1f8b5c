import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mutated } from "../../workbench/evaluate/qe/mutants.ts";
import type { Mutant } from "../../workbench/evaluate/qe/task.ts";
import type { Unit } from "./units.ts";

/** How many mutants a unit gets; harder units more, and of each unit those that fewest tests kill. */
const MOST = { easy: 4, medium: 5, hard: 6 } as const;

/** What a careless hand does to a line: pattern and replacement. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/>=/, ">"],
  [/<=/, "<"],
  [/(?<=\s)>(?=\s)/, ">="],
  [/(?<=\s)<(?=\s)/, "<="],
  [/(?<=\s)>(?=\s)/, "<"],
  [/(?<=\s)<(?=\s)/, ">"],
  [/===/, "!=="],
  [/!==/, "==="],
  [/(?<=\s)==(?=\s)/, "!="],
  [/(?<=\s)!=(?=\s)/, "=="],
  [/&&/, "||"],
  [/\|\|/, "&&"],
  [/ and /, " or "],
  [/ or /, " and "],
  [/\bnot (?!in)/, ""],
  [/not in /, "in "],
  [/!(?=[\w(])/, ""],
  [/ \+ 1\b/, ""],
  [/ - 1\b/, ""],
  [/ - (?=\w)/, " + "],
  [/ \+ (?=\w)/, " - "],
  [/\+=/, "-="],
  [/-=/, "+="],
  [/ \/\/ /, " / "],
  [/(?<=\S) % 2 === 1/, " % 2 === 0"],
  [/Math\.min/, "Math.max"],
  [/Math\.max/, "Math.min"],
  [/\bmax\(/, "min("],
  [/\btrue\b/, "false"],
  [/\bfalse\b/, "true"],
  [/\bTrue\b/, "False"],
  [/\bFalse\b/, "True"],
  [/\bnull\b/, "undefined"],
  [/\bcontinue\b/, "break"],
  [/\.trim\(\)/, ""],
  [/\.strip\(\)/, ""],
  [/\.lower\(\)/, ""],
  [/\.toLowerCase\(\)/, ""],
  [/\.toUpperCase\(\)/, ""],
  [/\.sort\(\)/, ""],
  [/\bsorted\(/, "list("],
  [/\.filter\(Boolean\)/, ""],
  [/Object\.hasOwn\((\w+), (\w+)\)/, "($2 in $1)"],
  [/^(\s+)(\w+\.pop\(0\)|\w+\.shift\(\)|renew\(key, value\);|latest = nowMs;)$/, "$1// gone"],
  [/\b(\d+)\b/, "1$1"],
  [/\b[1-9]\d*\b/, "0"],
];

/** The mutants of a unit: those that its tests kill, each line at most once, the hardest to kill first. */
export function plantMutants(unit: Unit): readonly Mutant[] {
  const killed = candidates(unit.source).flatMap((mutant) => {
    const kills = killsOf(unit, mutated(unit.source, mutant));
    return kills === null || kills.length === 0 ? [] : [{ mutant, kills: kills.length }];
  });
  const ranked = killed.sort((a, b) => a.kills - b.kills || a.mutant.line - b.mutant.line);
  const chosen: Mutant[] = [];
  for (const perLine of [1, 2])
    for (const { mutant } of ranked) {
      if (chosen.length >= MOST[unit.difficulty] || chosen.includes(mutant)) continue;
      if (chosen.filter(({ line }) => line === mutant.line).length < perLine) chosen.push(mutant);
    }
  return chosen.sort((a, b) => a.line - b.line);
}

function candidates(source: string): readonly Mutant[] {
  return source.split("\n").flatMap((line, i) => {
    if (/^\s*(export function|function|def|from|import)\b/.test(line)) return [];
    // What an error says is nobody's contract.
    const [code = "", message = ""] = line.split(/(?=(?:RangeError|TypeError|ValueError)\()/);
    const changed = new Set(SLIPS.map(([slip, to]) => code.replace(slip, to) + message));
    changed.delete(line);
    return [...changed].map((to) => ({ line: i + 1, to }));
  });
}

/** The numbers of the tests that fail for a source; null where it hangs. */
export function killsOf(unit: Unit, source: string): readonly number[] | null {
  const folder = mkdtempSync(join(tmpdir(), "wb-qe-"));
  try {
    const isPython = unit.language === "python";
    writeFileSync(join(folder, isPython ? "subject.py" : "subject.mjs"), source);
    writeFileSync(join(folder, "each"), isPython ? eachPython(unit) : eachNode(unit));
    const [command, args] = isPython
      ? ["python3", ["-S", "each"]]
      : [process.execPath, ["--input-type=module", "-e", eachNode(unit)]];
    const ran = spawnSync(command, args, { cwd: folder, timeout: 3000, encoding: "utf8" });
    if (ran.error || ran.signal) return null;
    if (ran.status !== 0) return unit.tests.map((_, i) => i);
    return JSON.parse(ran.stdout.trim().split("\n").at(-1) ?? "[]") as number[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function eachNode({ entry, tests }: Unit): string {
  const cases = tests.map((line, i) => `try { ${line} } catch { failed.push(${i}); }`);
  return `import assert from "node:assert/strict";\nimport { ${entry} } from "./subject.mjs";\nconst failed = [];\n${cases.join("\n")}\nconsole.log(JSON.stringify(failed));`;
}

function eachPython({ entry, tests }: Unit): string {
  const indent = (line: string): string => `    ${line}`;
  const cases = tests.map((line, i) => `try:\n${indent(line)}\nexcept Exception: failed.append(${i})`);
  return `from contextlib import contextmanager
import sys
sys.path.insert(0, ".")
@contextmanager
def raises(kind):
    try:
        yield
    except kind:
        return
    raise AssertionError
failed = []
try:
    from subject import ${entry}
except Exception:
    failed = None
if failed is None:
    print(list(range(${tests.length})))
    sys.exit()
${cases.join("\n")}
print(failed)`;
}
