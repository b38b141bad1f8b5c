import type { QeCategory } from "../../workbench/evaluate/qe/task.ts";
import { FLAKY_CLASSES } from "../../workbench/evaluate/qe/task.ts";
import { seeded } from "../../workbench/stats/random.ts";
import { conditionLines, coveredBranches, coveredLines, type Covered } from "./coverage.ts";
import { simulate } from "./flaky.ts";
import { plantMutants } from "./plant.ts";
import { diffOf, planted, readReviews } from "./reviews.ts";
import { lazyTestFile, testFile, type Unit } from "./units.ts";

/** A row of the suite with a right answer and a lazy one. */
export interface QeTask {
  readonly row: {
    readonly id: string;
    readonly category: QeCategory;
    readonly difficulty: "easy" | "medium" | "hard";
    readonly language: string;
    /** What the row is made of: rows of one unit are not independent. */
    readonly unit: string;
    readonly input: object;
    readonly expected: object;
  };
  readonly reference: string;
  readonly lazy: string;
}

export function testGenerationTask(unit: Unit): QeTask {
  const { name, language, difficulty, spec, source } = unit;
  return {
    row: {
      id: `tests-${name}`,
      category: "test-generation",
      difficulty,
      language,
      unit: name,
      input: { category: "test-generation", language, spec, source },
      expected: { mutants: plantMutants(unit) },
    },
    reference: fenced(testFile(unit)),
    lazy: fenced(lazyTestFile(unit)),
  };
}

const fenced = (code: string): string => `\`\`\`\n${code}\`\`\`\n`;

/** Coverage tasks wanted of each kind. */
const WANTED = { python: 12, lines: 9, branches: 9 } as const;

/** Coverage tasks out of the units that allow them, in the order given. */
export function coverageTasks(units: readonly Unit[]): readonly QeTask[] {
  const left: Record<keyof typeof WANTED, number> = { ...WANTED };
  return units.flatMap((unit) => {
    const isPython = unit.language === "python";
    // The kind that is further behind, so that both spread over all difficulties.
    const kinds = isPython
      ? (["python"] as const)
      : (["lines", "branches"] as const).toSorted((a, b) => left[b] - left[a]);
    for (const kind of kinds) {
      if (left[kind] === 0) continue;
      const task = coverageTask(unit, kind === "branches" ? "branches" : "lines");
      if (!task) continue;
      left[kind]--;
      return [task];
    }
    return [];
  });
}

/** A part of a unit's tests that leaves at least two gaps, and at most half of everything; null where none does. */
function coverageTask(unit: Unit, ask: "lines" | "branches"): QeTask | null {
  const conditions = conditionsFor(unit, ask);
  if (conditions === null) return null;
  const cover = (tests: readonly string[]): Covered =>
    ask === "lines" ? coveredLines(unit, tests) : coveredBranches(unit, tests);
  for (let draw = 0; draw < 40; draw++) {
    const random = seeded(`coverage/${unit.name}/${ask}/${draw}`);
    const tests = unit.tests.filter(() => random.uniform() < 0.35);
    if (tests.length === 0) continue;
    const { all, gaps } = cover(tests);
    if (gaps.length < 2 || gaps.length * 2 > all.length) continue;
    const { name, language, difficulty, source } = unit;
    const facts = { of: all.length, missed: gaps.length, ...conditions };
    return {
      row: {
        id: `coverage-${name}`,
        category: "coverage",
        difficulty,
        language,
        unit: name,
        input: { category: "coverage", language, ask, source, tests, facts },
        expected: { gaps },
      },
      reference: JSON.stringify({ gaps }),
      lazy: JSON.stringify({ gaps: all }),
    };
  }
  return null;
}

function conditionsFor(unit: Unit, ask: string): { readonly conditions?: readonly number[] } | null {
  if (ask === "lines") return {};
  const conditions = conditionLines(unit);
  return conditions === null || conditions.length < 2 ? null : { conditions };
}

/** Twenty histories: each class, most of them in all difficulties. */
export function flakyTasks(): readonly QeTask[] {
  const all = (["easy", "medium", "hard"] as const).flatMap((difficulty) =>
    FLAKY_CLASSES.map((cause) => ({ cause, difficulty })),
  );
  // A stable history is never hard.
  const chosen = all.filter(({ cause, difficulty }) => cause !== "stable" || difficulty !== "hard");
  return chosen.map(({ cause, difficulty }, i) => {
    const {
      test,
      runs,
      class: is,
      field,
      values,
    } = simulate(cause, difficulty, `flaky/${cause}/${difficulty}`);
    return {
      row: {
        id: `flaky-${String(i + 1).padStart(2, "0")}`,
        category: "flaky",
        difficulty,
        language: "none",
        unit: `flaky-${i + 1}`,
        input: { category: "flaky", test, runs },
        expected: { class: is, field, values },
      },
      reference: JSON.stringify({ class: is, field, value: values[0] ?? null }),
      lazy: JSON.stringify({ class: "order", field: null, value: null }),
    };
  });
}

export function reviewTasks(): readonly QeTask[] {
  return readReviews().map(({ name, language, difficulty, about, before, after }) => {
    const { text, defects } = planted(after);
    const file = `${name}.${language === "python" ? "py" : "js"}`;
    return {
      row: {
        id: `review-${name}`,
        category: "review",
        difficulty,
        language,
        unit: `review-${name}`,
        input: { category: "review", language, about, diff: diffOf(file, before, text) },
        expected: { defects },
      },
      reference: JSON.stringify(defects),
      lazy: "[]",
    };
  });
}
