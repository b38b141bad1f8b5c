import { readFileSync } from "node:fs";
import type { FeedbackEvent, Interaction } from "../../../schema/interaction.ts";
import { detect } from "../../detect.ts";
import { fieldSorter } from "../../fields.ts";
import { finishFeedback, finishInteraction } from "../../finish.ts";
import type { JsonRecord } from "../../parse.ts";
import { asRead } from "../format.ts";
import { FORMATS } from "../registry.ts";

export interface Told {
  readonly format: string;
  readonly rows: readonly Interaction[];
  readonly feedback: readonly FeedbackEvent[];
  /** What the format reports about the record: `path: what`. */
  readonly lossy: readonly string[];
}

/** The rows of one record, by the format that it is told to be. */
export function read(given: JsonRecord): Told {
  const { format } = detect([given], FORMATS, "test");
  const record = asRead(format, given);
  const sorter = fieldSorter(format.fields);
  const finishing = { format: format.name, key: Buffer.alloc(32, 1), note: sorter.note, rowKey: "row" };
  const { interactions, feedback = [] } = format.map(record, sorter.note);
  const extra = sorter.extraOf(record);
  const rows = interactions.map((draft) => finishInteraction(draft, extra, finishing));
  const events = feedback.map((draft) => finishFeedback(draft, extra, finishing));
  const lossy = sorter.report().map(({ path, what }) => `${path}: ${what}`);
  return { format: format.name, rows, feedback: events, lossy };
}

/** The records of a file of samples. */
export function samplesOf(file: string): readonly JsonRecord[] {
  return readFileSync(new URL(`../samples/${file}`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonRecord);
}
