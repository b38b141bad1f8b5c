import { relative } from "node:path";
import { Config } from "../schema/config.ts";
import { parseYaml } from "../schema/yaml.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
import type { Project } from "./paths.ts";

/** Reads and checks `workbench.config.yaml`. */
export async function loadConfig(project: Project, effects: Effects = realEffects): Promise<Config> {
  const text = Buffer.from(await effects.read(project.config)).toString("utf8");
  const file = relative(project.root, project.config);
  return parseYaml(text, Config, { file, code: "WB_CONFIG_INVALID" }).value;
}
