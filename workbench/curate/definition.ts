import { basename, join, relative } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { DatasetDefinition } from "../schema/dataset-definition.ts";
import { Name } from "../schema/names.ts";
import { parseYaml } from "../schema/yaml.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";

const SUFFIX = ".dataset.yaml";

/** A definition, the name its versions get, and the file it came from (relative to the project). */
export interface NamedDefinition {
  readonly name: string;
  readonly file: string;
  readonly definition: DatasetDefinition;
}

/**
 * Reads `datasets/<name>.dataset.yaml`, asked for by its name or its path inside the project. The
 * file's name is the dataset's. WB_DATASET_MISSING or WB_DATASET_INVALID (with the line), exit 2.
 */
export async function loadDefinition(
  project: Project,
  asked: string,
  effects: Effects = realEffects,
): Promise<NamedDefinition> {
  const isName = Name.safeParse(asked).success;
  const path = isName
    ? join(project.datasets, `${asked}${SUFFIX}`)
    : await resolveInside(project.root, [relative(project.root, join(project.root, asked))], effects);
  const name = basename(path).replace(SUFFIX, "");
  if (!path.endsWith(SUFFIX) || !Name.safeParse(name).success)
    throw missing(asked, `a definition is called <name>${SUFFIX}, the name being a-z, 0-9 and -`, project);
  if (!(await effects.stat(path))) throw missing(asked, await known(project, effects), project);
  const file = relative(project.root, path);
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  const { value } = parseYaml(text, DatasetDefinition, { file, code: "WB_DATASET_INVALID" });
  return { name, file, definition: value };
}

async function known(project: Project, effects: Effects): Promise<string> {
  const names = (await effects.list(project.datasets))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.replace(SUFFIX, ""));
  return names.length === 0 ? "datasets/ has no definition yet" : `defined here: ${names.join(", ")}`;
}

function missing(asked: string, why: string, project: Project): WorkbenchError {
  return new WorkbenchError({
    code: "WB_DATASET_MISSING",
    where: relative(project.root, project.datasets),
    what: `there is no dataset definition ${quoted(asked)}`,
    why,
    fix: `name one of the files datasets/*${SUFFIX}, without its ending`,
  });
}
