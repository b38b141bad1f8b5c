import { join, resolve } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf, sha256 } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";

/** The folder that holds the Python package `trainer`: what PYTHONPATH is set to. */
export const SCRIPTS = resolve(import.meta.dirname, "../../scripts");
const TRAINER = join(SCRIPTS, "trainer");

/** Pins of the Python environment: torch apart, because its build differs by platform. */
export const LOCKS = {
  torch: join(TRAINER, "torch.lock"),
  requirements: join(TRAINER, "requirements.lock"),
} as const;

/**
 * SHA-256 over every Python file of the trainer but its tests: path and digest, sorted. It is part
 * of a recipe's lock, because other code may learn something else.
 */
export async function trainerSha256(effects: Effects = realEffects): Promise<string> {
  return digestOf(await pythonFiles(TRAINER, "", effects));
}

async function pythonFiles(
  root: string,
  under: string,
  effects: Effects,
): Promise<readonly { readonly path: string; readonly sha256: string }[]> {
  const found = [];
  for (const name of await effects.list(join(root, under))) {
    const path = under === "" ? name : `${under}/${name}`;
    const info = await effects.stat(join(root, path));
    if (info?.isDirectory === true && name !== "tests" && !name.startsWith("__") && !name.startsWith("."))
      found.push(...(await pythonFiles(root, path, effects)));
    if (info?.isFile === true && name.endsWith(".py"))
      found.push({ path, sha256: (await hashFile(join(root, path), effects)).sha256 });
  }
  return found;
}

/** SHA-256 of the two lock files: names the environment, and stands in every recipe's lock. */
export async function environmentSha256(effects: Effects = realEffects): Promise<string> {
  const digests = [];
  for (const path of [LOCKS.torch, LOCKS.requirements]) {
    if (!(await effects.stat(path)))
      throw new WorkbenchError({
        code: "WB_PYTHON_ENV",
        where: path,
        what: "the pins of the Python environment are not there",
        why: "this installation is incomplete",
        fix: "install the workbench again",
      });
    digests.push((await hashFile(path, effects)).sha256);
  }
  return sha256(digests.join("\n"));
}
