import { ensurePython } from "../../host/python-env.ts";
import { exportBase } from "../../train/export.ts";
import type { Context } from "../context.ts";

/** Exports a bare base to GGUF. */
export async function exportBaseToGguf({ project, out, effects }: Context, name: string): Promise<undefined> {
  const { python } = await ensurePython(project, out.note, effects);
  const made = await exportBase({ project, name, exporter: { python, threads: 1 } }, effects);
  out.result(made);
  out.line(`${made.path}  ${made.sha256.slice(0, 12)}  ${made.bytes} bytes`);
  return undefined;
}
