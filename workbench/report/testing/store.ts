import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { ingest } from "../../ingest/ingest.ts";
import { Config } from "../../schema/config.ts";
import type { Project } from "../../store/paths.ts";

/** Sixty calls of twenty people on three days, with `text` wherever a name comes from a log. */
export async function fillStore(project: Project, text: string): Promise<void> {
  const records = Array.from({ length: 60 }, (_, n) => ({
    schema: "workbench/interaction@1",
    source_id: `call-${n}`,
    user_key: `user ${n % 20}`,
    agent: n < 30 ? text : "desk",
    model_served: n % 2 === 0 ? `${text} model` : "m-1",
    started_at: `2026-11-${10 + (n % 3)}T10:00:00Z`,
    messages: [{ role: "user", content: text }],
    output: [{ role: "assistant", content: text }],
    status: n % 9 === 0 ? "error" : "ok",
    latency_ms: 100 + n,
    task_completed: n % 7 > 1,
    feedback: [{ kind: n % 2 === 0 ? "rating" : text, raw: 4 }],
    [text]: text,
  }));
  const log = join(project.root, "calls.jsonl");
  await writeFile(log, `${records.map((record) => JSON.stringify(record)).join("\n")}\n{"broken`);
  const config = Config.parse({ schema: "workbench/config@1", project: "test" });
  await ingest({ project, config, sources: [log], key: Buffer.alloc(32, 7) });
}
