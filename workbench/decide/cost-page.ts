import type { Advice } from "../cost/advice.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { businessCase, scenarioNames, type BusinessCase } from "./business-case.ts";
import { costAdvice } from "./cost-advice.ts";
import { costReport, type CostReport } from "./cost-report.ts";

/** Everything that the report site's cost page shows. */
export interface CostPage {
  readonly report: CostReport;
  readonly cases: readonly BusinessCase[];
  readonly advice: readonly Advice[];
}

export async function costPageData(project: Project, effects: Effects = realEffects): Promise<CostPage> {
  const cases: BusinessCase[] = [];
  for (const name of await scenarioNames(project, effects))
    cases.push(await businessCase(project, name, effects));
  return {
    report: await costReport(project, effects),
    cases,
    advice: await costAdvice(project, effects),
  };
}
