import { join, relative } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { Name } from "../schema/names.ts";
import { replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { chat, data } from "./templates/chat.ts";
import { qe } from "./templates/qe.ts";
import { retrieval } from "./templates/retrieval.ts";
import { safety } from "./templates/safety.ts";
import type { Template } from "./templates/template.ts";
import { tools } from "./templates/tools.ts";

/** What a new suite may begin as; docs/suites.md shows each. */
export const SUITE_KINDS = { chat, tools, retrieval, safety, qe, data } as const satisfies Record<
  string,
  Template
>;
export type SuiteKind = keyof typeof SUITE_KINDS;

export interface NewSuite {
  readonly name: string;
  readonly kind: SuiteKind;
  /** Models of workbench.config.yaml, for the kinds that ask one. */
  readonly models: readonly string[];
}

/** Writes a small suite with rows that runs at once. Nothing that exists is written over. */
export async function newSuite(
  project: Project,
  { name, kind, models }: NewSuite,
  effects: Effects,
): Promise<readonly string[]> {
  if (!Name.safeParse(name).success)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: `${quoted(name)} is no name for a suite`,
      fix: "use a-z, 0-9 and -",
    });
  const files = Object.entries(SUITE_KINDS[kind]({ name, models }));
  const paths = files.map(([path]) => join(project.evals, path));
  for (const path of paths)
    if (await effects.stat(path))
      throw new WorkbenchError({
        code: "WB_USAGE",
        where: relative(project.root, path),
        what: "this file is there already",
        fix: "choose another name, or edit the file",
      });
  // The suite itself comes last: a suite without its rows would be a broken one.
  for (const [path, text] of files) await replaceFile(join(project.evals, path), text, effects);
  return paths.map((path) => relative(project.root, path)).toReversed();
}
