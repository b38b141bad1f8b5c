import { join } from "node:path";
import type { Effects } from "../store/effects.ts";

/** Every file below a folder, relative, with forward slashes, sorted. */
export async function filesBelow(folder: string, effects: Effects, prefix = ""): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await effects.list(join(folder, prefix))) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    const info = await effects.stat(join(folder, path));
    if (info?.isDirectory) found.push(...(await filesBelow(folder, effects, path)));
    else found.push(path);
  }
  return found;
}

export async function readText(path: string, effects: Effects): Promise<string> {
  return Buffer.from(await effects.read(path)).toString("utf8");
}
