import { join } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { Name } from "../../schema/names.ts";
import type { Effects } from "../../store/effects.ts";
import { hashFile } from "../../store/hash.ts";
import type { Project } from "../../store/paths.ts";
import { importModule } from "../load.ts";
import type { Scorer } from "../types.ts";

/**
 * The judge that `evals/judges/<name>.judge.ts` exports; suites import the same file.
 * @throws WB_SUITE_INVALID where there is none, or what it exports asks no judge.
 */
export async function loadJudge(project: Project, name: string, effects: Effects): Promise<Scorer> {
  const file = `evals/judges/${name}.judge.ts`;
  const path = join(project.evals, "judges", `${name}.judge.ts`);
  const invalid = (what: string): WorkbenchError =>
    new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: file,
      what,
      fix: 'export default rubric({ judge: "judge-main", criteria: [{ id: "polite", ask: "Is it polite?" }] })',
    });
  if (!Name.safeParse(name).success || !(await effects.stat(path))) throw invalid("there is no such judge");
  const { sha256 } = await hashFile(path, effects);
  const { default: scorer } = await importModule(path, sha256, file);
  if (typeof scorer !== "function" || !("judge" in scorer) || !("labelValue" in scorer))
    throw invalid("its default export is no judge");
  return scorer as unknown as Scorer;
}
