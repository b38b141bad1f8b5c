import { sha256 } from "../../schema/canonical.ts";
import { parseYaml } from "../../schema/yaml.ts";
import type { Effects } from "../../store/effects.ts";
import type { Format } from "./format.ts";
import { Mapping, MappingFlaw, mappingFormat } from "./mapping.ts";

/** Reads and checks a `workbench/mapping@1` file; errors name the line. */
export async function readFormat(file: string, effects: Effects): Promise<Format> {
  const bytes = await effects.read(file);
  const yaml = parseYaml(Buffer.from(bytes).toString("utf8"), Mapping, { file, code: "WB_MAPPING_INVALID" });
  try {
    return mappingFormat(yaml.value, sha256(bytes));
  } catch (error) {
    if (error instanceof MappingFlaw) throw yaml.errorAt(error.path, error.message);
    throw error;
  }
}
