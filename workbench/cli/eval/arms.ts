import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { ArmSource } from "../../evaluate/suite.ts";
import type { EvalOptions } from "./options.ts";

/** The suite's arms with those given on the command line; a candidate given there replaces all of the suite's. */
export function armsWith(
  own: Readonly<Record<string, ArmSource>>,
  given: EvalOptions["arm"],
): Readonly<Record<string, ArmSource>> {
  const names = given.map(([arm]) => arm);
  const bare = given.find(([, model]) => model === "")?.[0];
  if (bare !== undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: `--arm ${bare}`,
      what: "which model shall answer?",
      fix: `write name=model: --arm candidate=${bare}`,
    });
  const twice = names.find((arm, i) => names.indexOf(arm) !== i);
  if (twice !== undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: `--arm ${twice}=…`,
      what: `the arm ${quoted(twice)} is given twice`,
      fix: "give each candidate a name of its own: --arm first=model-a --arm second=model-b",
    });
  const { baseline, ...candidates } = own;
  const others = given.filter(([arm]) => arm !== "baseline");
  const first = given.find(([arm]) => arm === "baseline")?.[1] ?? baseline;
  return {
    ...(first === undefined ? {} : { baseline: first }),
    ...(others.length > 0 ? Object.fromEntries(others) : candidates),
  };
}
