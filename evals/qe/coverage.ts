import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import type { Unit } from "./units.ts";

/** What could run, and what never did. Lines as `7`, outcomes of conditions as `7:false`. */
export interface Covered {
  readonly all: readonly string[];
  readonly gaps: readonly string[];
}

/** Runs some of a unit's tests under coverage: V8's own for JavaScript, the interpreter's trace for Python. */
export function coveredLines(unit: Unit, tests: readonly string[]): Covered {
  return unit.language === "python" ? pythonLines(unit, tests) : nodeLines(unit, tests);
}

function inFolder<T>(act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "wb-coverage-"));
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface V8Report {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { startOffset: number; endOffset: number; count: number }[];
    }[];
  }[];
}

/** A line is a gap where the innermost range around its first character has the count 0. */
function nodeLines({ entry, source }: Unit, tests: readonly string[]): Covered {
  const report = inFolder((folder) => {
    writeFileSync(join(folder, "subject.mjs"), source);
    writeFileSync(join(folder, "run.mjs"), moduleOf(entry, tests));
    run(process.execPath, ["run.mjs"], folder, { NODE_V8_COVERAGE: join(folder, "v8") });
    const url = pathToFileURL(join(folder, "subject.mjs")).href;
    for (const name of readdirSync(join(folder, "v8"))) {
      const found = (JSON.parse(readFileSync(join(folder, "v8", name), "utf8")) as V8Report).result;
      const subject = found.find((script) => script.url === url);
      if (subject) return subject;
    }
    throw new Error("V8 reported nothing about the subject");
  });
  const ranges = report.functions.flatMap((one) => one.ranges);
  let offset = 0;
  const all: string[] = [];
  const gaps: string[] = [];
  for (const [i, line] of source.split("\n").entries()) {
    // In `} else if (…)` what runs or does not stands behind the bracket, which still belongs to the block before.
    const closed = /^\s*(?:\}\s*(?:else\b\s*)?)?/.exec(line)?.[0].length ?? 0;
    const first = offset + closed;
    offset += line.length + 1;
    if (!/\w/.test(line.slice(closed))) continue;
    all.push(`${i + 1}`);
    const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= first && first < endOffset);
    const innermost = around.sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset))[0];
    if (innermost?.count === 0) gaps.push(`${i + 1}`);
  }
  return { all, gaps };
}

const moduleOf = (entry: string, tests: readonly string[]): string =>
  `import assert from "node:assert/strict";\nimport { ${entry} } from "./subject.mjs";\n${tests.map((line) => `{ ${line} }`).join("\n")}\n`;

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): string {
  const ran = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    timeout: 10_000,
  });
  if (ran.status !== 0) throw new Error(`a covered test failed: ${ran.stderr}`);
  return ran.stdout;
}

const TRACER = `import dis, json, sys
sys.path.insert(0, ".")
code = compile(open("subject.py").read(), "subject.py", "exec")
lines = set()
def walk(part):
    lines.update(line for _, line in dis.findlinestarts(part) if line)
    for inner in part.co_consts:
        if hasattr(inner, "co_code"):
            walk(inner)
walk(code)
seen = set()
def trace(frame, event, arg):
    if frame.f_code.co_filename != "subject.py":
        return None
    if event == "line":
        seen.add(frame.f_lineno)
    return trace
scope = {"__name__": "subject"}
sys.settrace(trace)
exec(code, scope)
`;

/** Lines that the compiler gives code to, without those of \`def\` itself, which run at import. */
function pythonLines({ source }: Unit, tests: readonly string[]): Covered {
  const raises = `from contextlib import contextmanager
@contextmanager
def raises(kind):
    try:
        yield
    except kind:
        return
    raise AssertionError
scope["raises"] = raises
`;
  const calls = tests.map((line) => `exec(${JSON.stringify(line)}, scope)`).join("\n");
  const end = "sys.settrace(None)\nprint(json.dumps([sorted(lines), sorted(seen)]))\n";
  const text = inFolder((folder) => {
    writeFileSync(join(folder, "subject.py"), source);
    writeFileSync(join(folder, "run.py"), `${TRACER}${raises}${calls}\n${end}`);
    return run("python3", ["-S", "run.py"], folder);
  });
  const [lines, seen] = JSON.parse(text) as [readonly number[], readonly number[]];
  const source_ = source.split("\n");
  const all = lines.filter((line) => !/^\s*def /.test(source_[line - 1] ?? ""));
  return { all: all.map(String), gaps: all.filter((line) => !seen.includes(line)).map(String) };
}

/** Lines that hold a condition, or null where one line holds two: then outcomes have no name. */
export function conditionLines({ source }: Unit): readonly number[] | null {
  const lines = conditionsOf(source).map(({ line }) => line);
  return new Set(lines).size === lines.length ? lines : null;
}

/** Outcomes of conditions that never came about while some tests ran, by an instrumented run. */
export function coveredBranches(unit: Unit, tests: readonly string[]): Covered {
  const conditions = conditionsOf(unit.source);
  let source = unit.source;
  for (const { start, end, line } of conditions.toReversed())
    source = `${source.slice(0, start)}__seen(${line}, ${source.slice(start, end)})${source.slice(end)}`;
  const seen = inFolder((folder) => {
    const probe = `globalThis.__outcomes = new Set();\nglobalThis.__seen = (line, value) => { __outcomes.add(line + ":" + Boolean(value)); return value; };\n`;
    writeFileSync(join(folder, "probe.mjs"), probe);
    writeFileSync(join(folder, "subject.mjs"), source);
    const end = "console.log(JSON.stringify([...__outcomes]));\n";
    writeFileSync(join(folder, "run.mjs"), `import "./probe.mjs";\n${moduleOf(unit.entry, tests)}${end}`);
    return new Set(JSON.parse(run(process.execPath, ["run.mjs"], folder)) as string[]);
  });
  const all = conditions.flatMap(({ line }) => [`${line}:true`, `${line}:false`]);
  return { all, gaps: all.filter((outcome) => !seen.has(outcome)) };
}

/** Conditions of if, while, for and ?: in their order. */
function conditionsOf(source: string): readonly { start: number; end: number; line: number }[] {
  const file = ts.createSourceFile("subject.mjs", source, ts.ScriptTarget.Latest, true);
  const found: { start: number; end: number; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    const condition =
      ts.isIfStatement(node) || ts.isWhileStatement(node)
        ? node.expression
        : ts.isForStatement(node) || ts.isConditionalExpression(node)
          ? node.condition
          : undefined;
    if (condition) {
      const start = condition.getStart(file);
      const line = file.getLineAndCharacterOfPosition(start).line + 1;
      found.push({ start, end: condition.end, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start);
}
