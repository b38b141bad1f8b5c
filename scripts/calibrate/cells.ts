import { join } from "node:path";
import { loadPolicy } from "../../workbench/decide/policy.ts";
import { characteristics } from "../../workbench/decide/simulate/characteristics.ts";
import { projectAt } from "../../workbench/store/paths.ts";
import { seeded } from "../../workbench/stats/random.ts";
import { coverageCells, coverageOf } from "../../workbench/stats/testing/coverage-cells.ts";
import { falseGoCells, falseGoOf } from "../../workbench/stats/testing/false-go-cells.ts";
import { groupCells, sequenceCell, type LookCell } from "../../workbench/stats/testing/look-cells.ts";
import { planningCells } from "../../workbench/stats/testing/planning-cells.ts";

/** One simulated share and the band it was promised. */
export interface Cell {
  readonly group: string;
  readonly name: string;
  readonly least: number | null;
  readonly most: number | null;
  /** The share whose simulation error is the slack of the band. */
  readonly target: number;
  readonly simulations: number;
  readonly share: () => number;
}

const ALPHA = 0.025;
const project = projectAt(join(import.meta.dirname, "../.."));
const gated = await Promise.all(
  ["support-routing", "preset-f", "preset-u"].map((name) => loadPolicy(project, name)),
);

/** Every cell, in the order of the table. */
export function calibrationCells(simulations: number): readonly Cell[] {
  return [
    ...coverage(simulations),
    ...falseGo(simulations),
    ...planning(simulations),
    ...looks(simulations),
    ...byGroup(gateCells(Math.ceil(simulations / 10))),
  ];
}

// Conservative intervals may hold the truth more often: only too little is a fault.
function coverage(simulations: number): readonly Cell[] {
  return coverageCells.map((cell) => ({
    ...{ group: `coverage: ${cell.group}`, name: cell.name, simulations },
    ...{ least: 0.94, most: null, target: 0.95 },
    share: () => coverageOf(cell, seeded(cell.name), simulations).share,
  }));
}

function falseGo(simulations: number): readonly Cell[] {
  return falseGoCells.map((cell) => ({
    ...{ group: `false go: ${cell.group}`, name: cell.name, simulations },
    ...{ least: null, most: ALPHA, target: ALPHA },
    share: () => falseGoOf(cell, seeded(cell.name), { simulations, alpha: ALPHA }),
  }));
}

function planning(simulations: number): readonly Cell[] {
  return planningCells.map((cell) => ({
    ...{ group: cell.group, name: cell.name, simulations },
    ...{ least: cell.atLeast, most: null, target: cell.atLeast },
    share: () => cell.decided(seeded(cell.name), simulations),
  }));
}

function looks(simulations: number): readonly Cell[] {
  const cell = (look: LookCell, runs: number): Cell => ({
    ...{ group: "any-look false alarms", name: look.name, simulations: runs },
    ...{ least: null, most: look.atMost, target: look.atMost },
    share: () => look.alarms(seeded(look.name), runs),
  });
  return [
    cell(sequenceCell(10_000), Math.ceil(simulations / 40)),
    ...groupCells.map((look) => cell(look, simulations)),
  ];
}

/** Whole policies through the gate that decides: each rule at its limit, and everything as hoped. */
function gateCells(simulations: number): readonly Cell[] {
  return gated.flatMap(({ policy }) => {
    const scenarios = once(() => characteristics(policy, { simulations }).scenarios);
    const names = characteristics(policy, { simulations: 1, pairs: 50 }).scenarios;
    return names.flatMap(({ name, goAtMost, goAtLeast }): readonly Cell[] => {
      const bound = goAtMost ?? goAtLeast;
      if (bound === null) return [];
      const isPower = goAtLeast !== null;
      return [
        {
          group: isPower ? "gate: go when all is as hoped" : "gate: go with a rule at its limit",
          name: `${policy.name}: ${name}`,
          ...{ least: goAtLeast, most: goAtMost, target: bound, simulations },
          share: () => scenarios().find((one) => one.name === name)?.outcomes.go ?? Number.NaN,
        },
      ];
    });
  });
}

/** Cells of one group together, whatever policy they come from. */
function byGroup(cells: readonly Cell[]): readonly Cell[] {
  return [...new Set(cells.map((cell) => cell.group))].flatMap((group) =>
    cells.filter((cell) => cell.group === group),
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
