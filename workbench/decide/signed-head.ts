import { createPublicKey, verify } from "node:crypto";
import { WorkbenchError } from "../errors/error.ts";
import type { Config } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import { resolveInside, type Project } from "../store/paths.ts";
import { readAs } from "../store/read-json.ts";
import { readLog } from "./log.ts";
import { headMessage, headPath, refuseOtherKey, SignedHead } from "./sign-head.ts";

/** How far the signature reaches; null when no public key is configured. */
export interface SignedTo {
  readonly rows: number;
  /** Rows that someone without the key has added since. */
  readonly unsigned: number;
}

/**
 * Checks the signed head against the configured public key: a chain alone can be rewritten whole, or cut
 * at its end, but then the signed head is no longer in it. A missing, false or vanished one is exit 6.
 */
export async function checkSignedHead(
  project: Project,
  config: Config,
  effects: Effects,
): Promise<SignedTo | null> {
  const { publicKey } = config.registry;
  if (publicKey === undefined) return null;
  const log = await readLog(project, effects);
  if (!(await effects.stat(headPath(project))))
    throw broken("the log's head is not signed, and a public key is configured");
  const { head, rows, signature } = await readAs(SignedHead, headPath(project), effects);
  const path = await resolveInside(project.root, [publicKey], effects);
  const key = createPublicKey(Buffer.from(await effects.read(path)));
  refuseOtherKey(key, publicKey);
  if (!verify(null, headMessage(head, rows), key, Buffer.from(signature, "base64")))
    throw broken("the signature of the log's head is not of the configured key");
  if (log.rows.length < rows || (rows > 0 && log.rows[rows - 1]?.hash !== head))
    throw broken("the signed head is not in the log: rows were cut off or rewritten");
  return { rows, unsigned: log.rows.length - rows };
}

function broken(what: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where: "runs/registry/head.json",
    what,
    why: "the signature is what shows that the end of the log was not rewritten",
    fix: "restore runs/registry/ from version control, or sign the head again with: workbench registry sign",
  });
}
