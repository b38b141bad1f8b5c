import { registerHooks } from "node:module";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";
import { resolveInside, type Project } from "../store/paths.ts";
import { DATA_SUITE, dataSuite } from "./data-suite.ts";
import type { Suite } from "./suite.ts";

/** A suite with the file it came from. */
export interface LoadedSuite {
  readonly suite: Suite;
  readonly file: string;
  readonly fileSha256: string;
}

const ENDINGS = [".eval.ts", DATA_SUITE];

/** Every `*.eval.ts` and `*.suite.jsonl` of a project: its name and its path below evals/. */
export async function listSuites(
  project: Project,
  effects: Effects,
): Promise<readonly { readonly name: string; readonly file: string }[]> {
  const found: { name: string; file: string }[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const name of await effects.list(folder)) {
      const path = join(folder, name);
      if ((await effects.stat(path))?.isDirectory === true) await walk(path);
      for (const ending of ENDINGS)
        if (name.endsWith(ending))
          found.push({ name: basename(name, ending), file: relative(project.root, path) });
    }
  };
  await walk(project.evals);
  return found;
}

/**
 * Loads a suite by its file's name (`support-routing`) or by a path inside the project. A `.eval.ts`
 * is code, and loading it runs it; nothing in a `.suite.jsonl` is.
 * @throws WB_SUITE_INVALID where there is none, or its default export is no suite.
 */
export async function loadSuite(project: Project, asked: string, effects: Effects): Promise<LoadedSuite> {
  const suites = await listSuites(project, effects);
  const file = ENDINGS.some((ending) => asked.endsWith(ending))
    ? asked
    : suites.find(({ name }) => name === asked)?.file;
  const path = file === undefined ? null : await resolveInside(project.root, [file], effects);
  if (file === undefined || path === null || !(await effects.stat(path)))
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: `evals/${asked}.eval.ts`,
      what: `there is no suite ${quoted(asked)}`,
      fix:
        suites.length > 0
          ? `choose one of ${suites.map(({ name }) => name).join(", ")}`
          : "make one with: workbench eval new <name>",
    });
  const { sha256 } = await hashFile(path, effects);
  if (file.endsWith(DATA_SUITE)) {
    const name = basename(file, DATA_SUITE);
    return { suite: await dataSuite({ name, file, path }, effects), file, fileSha256: sha256 };
  }
  const module = await importModule(path, sha256, file);
  const suite = module.default;
  if (typeof suite !== "object" || suite === null || !("kind" in suite) || suite.kind !== "suite")
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: file,
      what: "its default export is no suite",
      fix: 'export default suite("name", { … })',
    });
  return { suite: suite as Suite, file, fileSha256: sha256 };
}

// A project that lives outside this package has no node_modules to find "workbench" in: what a suite
// imports and its project lacks is taken from here.
const OWN = new URL("../index.ts", import.meta.url).href;
let isHooked = false;

function resolveFromHere(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve: (name, context, next) => {
      try {
        return next(name, context);
      } catch (error) {
        if (!/^[a-z@]/.test(name) || name.includes(":")) throw error;
        if (name === "workbench") return next(OWN, context);
        try {
          return next(name, { ...context, parentURL: OWN });
        } catch {
          throw error;
        }
      }
    },
  });
}

/** Runs a file of the project that is code: a suite, a judge. @throws WB_SUITE_INVALID with its line. */
export async function importModule(
  path: string,
  sha256: string,
  file: string,
): Promise<{ readonly default?: unknown }> {
  const url = `${pathToFileURL(path).href}?sha256=${sha256}`;
  resolveFromHere();
  try {
    return (await import(url)) as { readonly default?: unknown };
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    const { message = String(error), stack = "" } = error instanceof Error ? error : {};
    const line = stack.split(`${url.split("?")[0] ?? ""}?sha256=`)[1]?.match(/^[0-9a-f]+:(\d+)/)?.[1];
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: line === undefined ? file : `${file}:${line}`,
      what: `it cannot be loaded: ${message.split("\n")[0] ?? ""}`,
      why: "a suite is code, and this code has an error",
      fix: "correct the file; --debug prints the whole error",
      cause: error,
    });
  }
}
