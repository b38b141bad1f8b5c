import type { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "./effects.ts";

/** Reads a JSON file that the workbench wrote whole; what is not JSON was changed since (exit 6). */
export async function readJson(path: string, effects: Effects): Promise<unknown> {
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, "this file is not JSON");
  }
}

/** Reads a file of a known shape; another shape is exit 6, for files of a run are ours. */
export async function readAs<S extends z.ZodType>(
  schema: S,
  path: string,
  effects: Effects,
): Promise<z.output<S>> {
  return shaped(schema, await readJson(path, effects), path);
}

/** A value of a known shape, else exit 6 naming the file. */
export function shaped<S extends z.ZodType>(schema: S, value: unknown, path: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(
    path,
    `${(issue?.path ?? []).join(".") || "the file"}: ${issue?.message ?? "not as written"}`,
  );
}

function damaged(where: string, what: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where,
    what,
    why: "files of a run are written whole; this one was changed or damaged",
    fix: "restore it from a copy, or move its folder away and run the same command again",
  });
}
