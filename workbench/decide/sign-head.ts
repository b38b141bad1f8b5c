import { createPrivateKey, sign, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import { Digest } from "../schema/names.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** `runs/registry/head.json`: the log's last row, signed by whoever holds the key. */
export const SignedHead = z.looseObject({
  schema: z.literal("workbench/head@1"),
  head: Digest,
  rows: z.number().int().nonnegative(),
  signature: z.string(),
});

export const headPath = (project: Project): string => join(project.runs, "registry", "head.json");

export const headMessage = (head: string, rows: number): Buffer => Buffer.from(canonical({ head, rows }));

/** Signs the log's head (Ed25519) if a key is configured and here; returns whether it was. */
export async function signHead(
  project: Project,
  { head, rows }: { readonly head: string; readonly rows: number },
  effects: Effects,
): Promise<boolean> {
  // The kill switch must work in a project whose configuration is broken.
  const config = await loadConfig(project, effects).catch(() => null);
  const name = config?.registry.signingKeyEnv;
  const path = name === undefined ? undefined : effects.env(name);
  if (path === undefined) return false;
  const key = createPrivateKey(Buffer.from(await effects.read(path)));
  refuseOtherKey(key, path);
  const signature = sign(null, headMessage(head, rows), key).toString("base64");
  const signed = { schema: "workbench/head@1", head, rows, signature };
  await replaceFile(headPath(project), jsonText(signed), effects);
  return true;
}

export function refuseOtherKey(key: KeyObject, where: string): void {
  if (key.asymmetricKeyType === "ed25519") return;
  throw new WorkbenchError({
    code: "WB_CONFIG_INVALID",
    where,
    what: `this is a key for ${key.asymmetricKeyType ?? "nothing known"}, the log is signed with Ed25519`,
    fix: "openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out key.pub.pem",
  });
}
