import { homedir } from "node:os";
import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { sha256 } from "../schema/canonical.ts";
import type { Config } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import { folderOf } from "../store/effects.ts";

/** The key behind row keys and pseudonyms. */
export interface WorkspaceKey {
  readonly bytes: Uint8Array;
  /** Tells two keys apart without telling either; stands in manifests. */
  readonly id: string;
}

export function keyOf(bytes: Uint8Array): WorkspaceKey {
  return { bytes, id: sha256(Buffer.concat([Buffer.from("workbench key id\0"), bytes])).slice(0, 12) };
}

/** Where the key of a project lies: outside the repository, so that it is never committed with it. */
export function keyPath(project: string, effects: Effects): string {
  const base = effects.env("XDG_CONFIG_HOME") ?? join(effects.env("HOME") ?? homedir(), ".config");
  return join(base, "workbench", `${project}.key`);
}

/**
 * The workspace key: the environment variable that the configuration names (64 hex digits), else
 * the key file (mode 0600), made on first use.
 */
export async function workspaceKey(config: Config, effects: Effects): Promise<WorkspaceKey> {
  const variable = config.privacy.keyEnv;
  const fromEnv = effects.env(variable);
  if (fromEnv !== undefined && fromEnv !== "") return keyOf(parseKey(fromEnv, `$${variable}`));
  const path = keyPath(config.project, effects);
  if (!(await effects.stat(path))) await makeKey(path, effects);
  return keyOf(parseKey(Buffer.from(await effects.read(path)).toString("utf8"), path));
}

async function makeKey(path: string, effects: Effects): Promise<void> {
  await effects.mkdir(folderOf(path));
  const temporary = `${path}.${Buffer.from(effects.random(4)).toString("hex")}`;
  try {
    await effects.write(temporary, `${Buffer.from(effects.random(32)).toString("hex")}\n`, { mode: 0o600 });
    await effects.fsync(temporary);
    // A link fails when the key is there: two first uses at once agree on one key.
    await effects.link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await effects.remove(temporary);
  }
}

function parseKey(text: string, where: string): Uint8Array {
  const hex = text.trim();
  if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, "hex");
  throw new WorkbenchError({
    code: "WB_KEY_REFUSED",
    where,
    what: "the workspace key must be 64 hex digits",
    why: "row keys and pseudonyms are made with it",
    fix: "restore the key file, or make a new one with: openssl rand -hex 32",
  });
}
