import { join, relative } from "node:path";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { HostEntry } from "../schema/hosts.ts";
import { Hosts, PLANNED_KINDS } from "../schema/hosts.ts";
import { parseYaml } from "../schema/yaml.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Host } from "./host.ts";
import { localHost } from "./local.ts";

/** Reads `recipes/hosts.yaml`. Without the file there is one host: `local`, one thread. */
export async function readHosts(project: Project, effects: Effects = realEffects): Promise<Hosts> {
  const path = join(project.recipes, "hosts.yaml");
  if (!(await effects.stat(path)))
    return { schema: "workbench/hosts@1", hosts: { local: { kind: "local", threads: 1 } } };
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  const file = relative(project.root, path);
  refusePlanned(text, file);
  return parseYaml(text, Hosts, { file, code: "WB_HOST_INVALID" }).value;
}

/** A kind that the design names and this version has no runner for gets a plain word, not a schema error. */
function refusePlanned(text: string, file: string): void {
  const { value, errorAt } = parseYaml(text, z.unknown(), { file, code: "WB_HOST_INVALID" });
  const hosts = (value as { hosts?: unknown } | null)?.hosts;
  if (hosts === null || typeof hosts !== "object") return;
  for (const [name, entry] of Object.entries(hosts as Record<string, unknown>)) {
    const kind = (entry as { kind?: unknown } | null)?.kind;
    if (!PLANNED_KINDS.includes(kind as (typeof PLANNED_KINDS)[number])) continue;
    const { where = file } = errorAt(["hosts", name, "kind"], "");
    throw new WorkbenchError({
      code: "WB_RECIPE_UNSUPPORTED",
      where,
      what: `hosts.${name}.kind: ${quoted(kind)} has no runner in this version`,
      why: "a host that would be ignored or imitated is worse than none",
      fix: "use kind: local",
    });
  }
}

/** The host of that name, ready to be asked. `onNote` says what takes a while (making the environment). */
export async function hostNamed(
  request: { readonly project: Project; readonly name: string; readonly onNote?: (text: string) => void },
  effects: Effects = realEffects,
): Promise<Host> {
  const { hosts } = await readHosts(request.project, effects);
  const entry: HostEntry | undefined = Object.hasOwn(hosts, request.name) ? hosts[request.name] : undefined;
  if (!entry)
    throw new WorkbenchError({
      code: "WB_HOST_INVALID",
      where: "recipes/hosts.yaml",
      what: `there is no host ${quoted(request.name)}`,
      why: `these are there: ${Object.keys(hosts).join(", ")}`,
      fix: "name one of them with --on, or add it to recipes/hosts.yaml",
    });
  return localHost({ ...request, entry }, effects);
}
