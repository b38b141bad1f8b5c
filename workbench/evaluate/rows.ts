import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import type { FileRef } from "../schema/names.ts";
import type { JournalLine, SampleRow } from "../schema/run.ts";
import { DigestMap } from "../store/digest-map.ts";
import type { Effects } from "../store/effects.ts";
import { openHashedFile } from "../store/hashed-file.ts";
import { scanJournal } from "../store/journal.ts";
import type { Measured, Trace } from "./answer.ts";
import { makeBlocks } from "./blocks.ts";
import { jobsInOrder, type Job, type Plan } from "./plan.ts";
import type { Score } from "../schema/run.ts";

/**
 * Writes `samples.jsonl` out of the journal, in the order of the items, and hands each row to `visit`.
 * Jobs without a terminal row (a run that was stopped) have none here either. What depends on the
 * clock or on what was stored stays in the journal, so that an interrupted and resumed run on the
 * same replies ends in the same bytes.
 */
export async function projectRows(
  folder: string,
  plan: Plan,
  visit: (row: SampleRow, trace: Trace | null) => void,
  effects: Effects,
): Promise<FileRef> {
  const journal = join(folder, "events.jsonl");
  const places = await terminalLines(journal, effects);
  const blocks = makeBlocks(journal, effects);
  const file = await openHashedFile(join(folder, ".samples.jsonl.tmp"), effects);
  for await (const job of jobsInOrder(plan)) {
    const found = await rowOf(job, plan, async () => {
      const place = places.get(job.key);
      return place ? (await blocks.read(place[0], place[1])).toString("utf8") : null;
    });
    if (!found) continue;
    const { row, trace } = found;
    visit(row, trace);
    await file.add(`${canonical(row)}\n`);
  }
  return { path: "samples.jsonl", ...(await file.keep(() => join(folder, "samples.jsonl"))) };
}

/** Where each terminal row stands in the journal: offset and bytes. */
async function terminalLines(journal: string, effects: Effects): Promise<DigestMap> {
  const places = new DigestMap();
  await scanJournal(
    journal,
    ({ kind, key }, { offset, bytes }) => {
      if (!TERMINAL.has(kind)) return;
      if (places.has(key))
        throw new WorkbenchError({
          code: "WB_CONSERVATION",
          where: journal,
          what: `two terminal rows have the key ${key.slice(0, 12)}…`,
          why: "each sample ends in exactly one row",
          fix: "restore the journal from a copy, or run again with --fresh: stored answers are not paid for twice",
        });
      places.set(key, offset, bytes);
    },
    effects,
  );
  return places;
}

const TERMINAL: ReadonlySet<string> = new Set(["sample.scored", "sample.failed"]);

interface Projected {
  readonly row: SampleRow;
  readonly trace: Trace | null;
}

async function rowOf(job: Job, plan: Plan, read: () => Promise<string | null>): Promise<Projected | null> {
  if (plan.contaminated.has(job.sample.id))
    return { row: { ...emptyRow(job, plan), status: "contaminated" }, trace: null };
  const text = await read();
  if (text === null) return null;
  const { kind, data } = JSON.parse(text) as JournalLine;
  if (kind === "sample.failed") {
    const { error } = data as { readonly error: SampleRow["error"] };
    return { row: { ...emptyRow(job, plan), status: "failed", error }, trace: null };
  }
  const {
    text: output,
    toolCalls,
    scores,
    trace,
    columns,
    ...figures
  } = data as Measured & {
    readonly scores: Readonly<Record<string, Score>>;
  };
  const value = scores[plan.suite.primary]?.value ?? null;
  const threshold = plan.suite.scorers.find(({ metric }) => metric === plan.suite.primary)?.threshold ?? 1;
  const row: SampleRow = {
    ...emptyRow(job, plan),
    ...figures,
    status: "scored",
    output,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    ...(Object.keys(columns).length > 0 ? { columns } : {}),
    scores,
    success: value === null ? null : value >= threshold,
  };
  return { row, trace };
}

function emptyRow({ sample, arm, epoch }: Job, { suite }: Plan): SampleRow {
  const slices: Record<string, string> = {};
  for (const [name, pick] of Object.entries(suite.slices)) {
    const value = pick(sample);
    if (value !== null && value !== undefined) slices[name] = value;
  }
  return {
    sampleId: sample.id,
    label: sample.label,
    arm: arm.name,
    epoch,
    status: "failed",
    input: sample.input,
    expected: sample.expected,
    output: null,
    scores: {},
    success: null,
    latencyMs: null,
    ttftMs: null,
    inputTokens: null,
    cachedTokens: null,
    outputTokens: null,
    costUsd: null,
    judgeCostUsd: null,
    servedModel: null,
    finishReason: null,
    slices,
    cluster: suite.cluster?.(sample) ?? null,
    error: null,
  };
}
