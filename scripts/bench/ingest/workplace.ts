import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IngestReport } from "../../../workbench/ingest/ingest.ts";
import { costOf } from "./process-tree.ts";
import type { Cost } from "./process-tree.ts";

const COMMAND = join(import.meta.dirname, "../../../workbench/cli/bin.js");
const PEER = join(import.meta.dirname, "bare-statement.ts");

/** A folder to measure in, with projects inside. */
export interface Workplace {
  readonly path: (name: string) => string;
  /** `workbench ingest` as a user runs it, in the project of that name. */
  readonly ingest: (
    project: string,
    ...args: readonly string[]
  ) => Promise<Cost & { readonly report: IngestReport }>;
  readonly command: (project: string, ...args: readonly string[]) => Promise<Cost>;
  readonly peer: (log: string, always: string, options?: string) => Promise<Cost>;
  readonly remove: () => Promise<void>;
}

export async function workplace(): Promise<Workplace> {
  const root = await mkdtemp(join(tmpdir(), "wb-bench-"));
  const path = (name: string): string => join(root, name);
  const command: Workplace["command"] = async (project, ...args) => {
    await mkdir(path(project), { recursive: true });
    await writeFile(
      join(path(project), "workbench.config.yaml"),
      "schema: workbench/config@1\nproject: bench\n",
    );
    return costOf(process.execPath, [COMMAND, ...args, "--project", path(project), "--json"], {
      XDG_CONFIG_HOME: path("config"),
    });
  };
  return {
    path,
    command,
    ingest: async (project, ...args) => {
      const cost = await command(project, "ingest", ...args);
      return { ...cost, report: JSON.parse(cost.stdout) as IngestReport };
    },
    peer: (log, always, options = "") =>
      costOf(process.execPath, [PEER, log, path("peer.parquet"), always, options]),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
