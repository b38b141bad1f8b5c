import { Command } from "commander";
import { join, relative } from "node:path";
import { costPageData } from "../../decide/cost-page.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { buildReport } from "../../report/build.ts";
import type { CheckReport } from "../../report/check.ts";
import { checkReport } from "../../report/check.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  const report = new Command("report").description("Build and check the static report site.");
  report
    .command("build")
    .description("make the pages of all runs, build the site and check it; needs no network")
    .option("--no-samples", "leave every sample out, for a wider audience")
    .action(withContext<[{ samples: boolean }]>(build));
  report
    .command("check")
    .description("check the built site: faults, and pages whose evidence has changed since")
    .action(withContext(check));
  return report;
}

async function build(
  { project, out, effects }: Context,
  { samples }: { samples: boolean },
): Promise<undefined> {
  const bar = out.progress("building pages", null);
  const costs = await costPageData(project, effects);
  const built = await buildReport({ project, samples, costs }, effects).finally(bar.end);
  out.line(
    `${built.pages.length} pages, ${built.decisions} decisions → ${relative(process.cwd(), built.index)}`,
  );
  for (const { folder, what } of built.unreadable)
    out.note(`${out.paint.red("unreadable")} ${folder}: ${what}`);
  out.result(built);
  if (built.unreadable.length > 0)
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      what: `${built.unreadable.length} runs could not be read; the board shows them as INVALID`,
      fix: "repair or remove the runs named above, then build again",
    });
  refuseFaults(built.check);
}

async function check({ project, out, effects }: Context): Promise<undefined> {
  const found = await checkReport({ project, dist: join(project.root, "dist") }, effects);
  const pages = Object.keys(found.weights).length;
  if (pages === 0)
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: "dist",
      what: "no site is built yet",
      fix: "workbench report build",
    });
  out.result(found);
  for (const [page, bytes] of Object.entries(found.weights))
    out.line(`${String(bytes).padStart(8)} bytes  ${page}`);
  refuseFaults(found);
  out.line(`${out.paint.green("✓")} ${pages} pages, no fault, none out of date`);
}

function refuseFaults({ faults, stale }: CheckReport): void {
  const [oldest] = stale;
  if (oldest)
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: `dist/${oldest.page}`,
      what: `the page is out of date: ${oldest.path} has changed since it was built`,
      ...(stale.length > 1 ? { why: `${stale.length} pages or files in all` } : {}),
      fix: "workbench report build",
    });
  const [first] = faults;
  if (first)
    throw new WorkbenchError({
      code: "WB_REPORT_FAILED",
      where: `dist/${first.page}`,
      what: first.what,
      ...(faults.length > 1 ? { why: `${faults.length} faults in all` } : {}),
      fix: "correct the page, then workbench report build",
    });
}

export const EXAMPLES: readonly Example[] = [
  ["workbench report build", "pages for every decision, run and dataset, in dist/"],
  ["workbench report build --no-samples", "the same without any model or user text"],
  ["workbench report check", "errors, dead links, weight, and whether a page is out of date"],
];
