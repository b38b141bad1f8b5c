// npm run bench ingest -- [--rows N] [--kind workbench | openai-chat] [--scale N] [--line-mb N] [--files N] [--forget N] [--write]
// A log is generated, imported by the command as a user runs it, and by DuckDB's bare statement beside it.
import { appendFile, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { machine, writePart } from "../page.ts";
import { forgetting } from "./forget.ts";
import { generateLog } from "./generate.ts";
import type { LogKind } from "./records.ts";
import { longLine } from "./long-line.ts";
import { overview } from "./overview.ts";
import type { Timed } from "./overview.ts";
import { page } from "./report.ts";
import type { Results } from "./report.ts";
import { smallFiles } from "./small-files.ts";
import { workplace } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "20000" },
    kind: { type: "string", default: "workbench" },
    /** Interactions that the overview queries run over; 0 leaves them out. */
    scale: { type: "string", default: "0" },
    /** Small files that one command imports; 0 leaves them out. */
    files: { type: "string", default: "0" },
    /** Interactions among which one user is erased; 0 leaves it out. */
    forget: { type: "string", default: "0" },
    "line-mb": { type: "string", default: "0" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    "npm run bench ingest -- [--rows N] [--kind workbench|openai-chat] [--scale N] [--line-mb N] [--files N] [--forget N] [--write]",
  );
  process.exit(0);
}

const at = await workplace();
try {
  const results = await measured(at);
  console.log(JSON.stringify(results, null, 2));
  const markdown = page(results);
  console.log(markdown);
  if (values.write) await writePart("ingest", markdown);
} finally {
  await at.remove();
}

async function measured(place: Workplace): Promise<Results> {
  const kind = values.kind as LogKind;
  const log = place.path("log.jsonl");
  const generated = await generateLog(log, { rows: Number(values.rows), kind, seed: "1" });
  const always = kind === "workbench" ? "source_id" : "request";
  const peer = await place.peer(log, always);
  const peerAlike = await place.peer(log, always, ", compression zstd, row_group_size 20480");
  const first = await place.ingest("ours", log);
  const oneThread = await place.ingest("one-thread", log, "--threads", "1");
  const again = await place.ingest("ours", log);
  const verified = await place.ingest("ours", log, "--verify");
  const tail = place.path("tail.jsonl");
  await generateLog(tail, { rows: Math.ceil(generated.lines / 100), kind, seed: "1", from: generated.lines });
  await appendFile(log, await readFile(tail));
  const appended = await place.ingest("ours", log);
  const lineMb = Number(values["line-mb"]);
  const scale = Number(values.scale);
  const files = Number(values.files);
  const forget = Number(values.forget);
  const queries: readonly Timed[] = scale === 0 ? [] : await overview(place, scale);
  return {
    machine: machine(),
    kind,
    generated,
    peer,
    peerAlike,
    first,
    oneThread,
    again,
    verified,
    appended,
    longLine: lineMb === 0 ? null : await longLine(place, lineMb),
    lineMb,
    smallFiles: files === 0 ? null : await smallFiles(place, files),
    forget: forget === 0 ? null : await forgetting(place, forget),
    scale,
    queries,
  };
}
