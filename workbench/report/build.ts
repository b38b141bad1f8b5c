import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { CheckReport } from "./check.ts";
import { checkReport } from "./check.ts";
import type { ExportReport } from "./export.ts";
import { exportPages } from "./export.ts";
import { finishPages } from "./finish.ts";
import { readOverview } from "./overview/read-overview.ts";
import type { CostPageData } from "./cost-page-data.ts";

export interface BuildRequest {
  readonly project: Project;
  /** False leaves model and user text out of the pages. */
  readonly samples?: boolean;
  /** For the cost page: computed by the verb that may read everything. */
  readonly costs?: CostPageData | null;
}

export interface BuildReport extends ExportReport {
  /** The folder to open or to copy to any file host. */
  readonly dist: string;
  readonly index: string;
  readonly check: CheckReport;
}

/** Builds the report site without a network: export → Framework → finish → check. */
export async function buildReport(
  { project, samples = true, costs = null }: BuildRequest,
  effects: Effects = realEffects,
): Promise<BuildReport> {
  const overview = await readOverview(project, effects);
  const exported = await exportPages(project, { samples, costs, overview }, effects);
  const dist = join(project.root, "dist");
  await effects.remove(dist);
  await forgetCachedData(project, effects);
  await runFramework(project, effects);
  await finishPages(dist, effects);
  const check = await checkReport({ project, dist }, effects);
  return { ...exported, dist, index: join(dist, "index.html"), check };
}

/** Framework's cache of data loaders follows the loader's age, not its data's: only packages may stay. */
export async function forgetCachedData(project: Project, effects: Effects): Promise<void> {
  const cache = join(project.reports, ".observablehq", "cache");
  for (const name of await effects.list(cache))
    if (!["_npm", "_node", "offline-npm"].includes(name)) await effects.remove(join(cache, name));
}

async function runFramework(project: Project, effects: Effects): Promise<void> {
  const cli = join(
    project.root,
    "node_modules",
    "@observablehq",
    "framework",
    "dist",
    "bin",
    "observable.js",
  );
  if (!(await effects.stat(cli)))
    throw new WorkbenchError({
      code: "WB_REPORT_FAILED",
      what: "Observable Framework is not installed",
      why: "it is a development dependency of the project, and builds the pages",
      fix: "npm ci",
    });
  const child = effects.spawn(process.execPath, [cli, "build"], {
    cwd: project.root,
    env: { OBSERVABLE_TELEMETRY_DISABLE: "1", NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => said.push(chunk.toString("utf8")));
  child.stdin.end();
  const { code } = await child.ended;
  if (code === 0) return;
  throw new WorkbenchError({
    code: "WB_REPORT_FAILED",
    what: `Framework ended with exit code ${code ?? "none"}`,
    why: said.join("").trim().split("\n").slice(-6).join(" | "),
    fix: "correct the page it names; npx observable build shows the whole output",
  });
}
