import type { Scenario, Uncertain } from "../schema/scenario.ts";
import type { PlainScenario } from "./scenario.ts";

const isRange = (value: unknown): value is Exclude<Uncertain, number> =>
  typeof value === "object" && value !== null && ("likely" in value || "p10" in value);

/** Every uncertain number of a scenario by its path, in the order in which it is written down. */
export function rangesOf(scenario: Scenario): ReadonlyMap<string, Exclude<Uncertain, number>> {
  const found = new Map<string, Exclude<Uncertain, number>>();
  const visit = (value: unknown, path: string): void => {
    if (isRange(value)) found.set(path, value);
    else if (typeof value === "object" && value !== null && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) visit(inner, path === "" ? key : `${path}.${key}`);
  };
  visit(scenario, "");
  return found;
}

/** The scenario with a number in place of every range. */
export function filledIn(scenario: Scenario, value: (path: string) => number): PlainScenario {
  const visit = (node: unknown, path: string): unknown => {
    if (isRange(node)) return value(path);
    if (typeof node !== "object" || node === null || Array.isArray(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, inner]) => [key, visit(inner, path === "" ? key : `${path}.${key}`)]),
    );
  };
  return visit(scenario, "") as PlainScenario;
}
