import { cp, mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInteractions } from "../../catalog/interactions.ts";
import { sha256 } from "../../schema/canonical.ts";
import { Config } from "../../schema/config.ts";
import type { StoredInteraction } from "../../schema/interaction.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { projectAt } from "../../store/paths.ts";
import { ingest } from "../ingest.ts";
import type { IngestReport } from "../ingest.ts";
import type { IngestRequest } from "../request.ts";

export const KEY = Buffer.alloc(32, 7);

/** Real effects but for the clock, which stands, so that two runs write the same bytes. */
export const still: Effects = { ...realEffects, now: () => new Date("2026-11-20T12:00:00.000Z") };

/** A project in a temporary folder, and short ways to do things in it. */
export interface TestProject {
  readonly project: Project;
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
  readonly ingest: (
    sources: string | readonly string[],
    more?: Partial<IngestRequest>,
    effects?: Effects,
  ) => Promise<IngestReport>;
  readonly rows: () => Promise<readonly StoredInteraction[]>;
  /** Path and SHA-256 of every file under `.workbench/interactions`. */
  readonly digests: () => Promise<readonly string[]>;
}

/** A project of its own, with everything that lies in `like`. */
export async function testProject(like?: TestProject): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), "wb-ingest-"));
  if (like !== undefined) await cp(like.project.root, root, { recursive: true });
  await writeFile(join(root, "workbench.config.yaml"), "schema: workbench/config@1\nproject: test\n");
  const project = projectAt(root);
  const config = Config.parse({ schema: "workbench/config@1", project: "test" });
  return {
    project,
    write: async (name, content) => {
      const path = join(root, name);
      await writeFile(path, content);
      return path;
    },
    ingest: (sources, more = {}, effects = still) =>
      ingest({ project, config, sources: [sources].flat(), key: KEY, ...more }, effects),
    rows: async () => {
      const rows: StoredInteraction[] = [];
      for await (const row of readInteractions(project)) rows.push(row);
      return rows;
    },
    digests: () => digestsUnder(join(project.private, "interactions")),
  };
}

async function digestsUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = await Promise.all(
    files.map(async (path) => `${path.slice(folder.length)} ${sha256(await readFile(path))}`),
  );
  return lines.sort();
}

/** A record in the form of OpenAI's chat log. */
export function chatRecord(
  id: string,
  text = "Where is order A17?",
  answer = "It shipped.",
): Record<string, unknown> {
  return {
    request: { model: "m", messages: [{ role: "user", content: text }], user: `user-${id}` },
    response: {
      id,
      created: 1763596800,
      model: "m-1",
      choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }],
    },
  };
}

export const lines = (records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");

export const many = (count: number, from = 0): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, n) => chatRecord(`r${from + n}`, `question ${from + n}`));
