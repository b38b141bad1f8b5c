import { canonical, sha256 } from "../schema/canonical.ts";
import { hashFile } from "../store/hash.ts";
import { ImportedRow } from "./imports/row.ts";
import { openKeyedRows } from "./keyed-rows.ts";
import type { Lookup, Recorded, RecordedAnswer, RecordedFailure } from "./recorded.ts";
import { dataPath, jsonl, type DataSource } from "./source.ts";

/**
 * An arm of results that `workbench eval import` read. A sample is matched by its content; where that
 * differs (another prompt format), by the tool's own name for it, and the column `matchedBy` says which.
 * Scores are columns: `recordedScore("accuracy")` reads one.
 */
export function imported(path: string): Recorded {
  return {
    kind: "recorded",
    from: path,
    open: async (project, effects) => {
      const file = dataPath(path, project, effects);
      const of = (value: unknown): readonly string[] => {
        const row = ImportedRow.parse(value);
        return [byContent(row, row.epoch), byName(row.id, row.epoch)];
      };
      const rows = await openKeyedRows(file, { of }, effects);
      const lookup: Lookup = async (sample, epoch) => {
        const same = byContent(sample, epoch);
        const isSame = rows.has(same);
        const found = await rows.find(isSame ? same : byName(sample.label, epoch));
        return found === null ? null : answerOf(ImportedRow.parse(found), isSame ? "content" : "name");
      };
      return { sha256: (await hashFile(file, effects)).sha256, lookup };
    },
  };
}

/** The samples of imported results, each once, where no data of your own asks the same. */
export function importedItems(path: string): DataSource<unknown, unknown> {
  return jsonl<ImportedRow, unknown, unknown>(path, {
    row: ImportedRow,
    map: ({ id, epoch, input, expected }) => (epoch === 1 ? { label: id, input, expected } : null),
  });
}

const byContent = (
  { input, expected }: { readonly input?: unknown; readonly expected?: unknown },
  epoch: number,
) => `content ${sha256(canonical({ input, expected: expected ?? null }))} ${epoch}`;

const byName = (name: string, epoch: number): string => `name ${epoch} ${name}`;

function answerOf(row: ImportedRow, matchedBy: "content" | "name"): RecordedAnswer | RecordedFailure {
  if (row.output === null) return { failed: row.error ?? "no output" };
  const { latencyMs, inputTokens, outputTokens, costUsd } = row;
  return {
    text: row.output,
    toolCalls: [],
    columns: { ...row.scores, matchedBy },
    latencyMs,
    ttftMs: null,
    inputTokens,
    cachedTokens: null,
    outputTokens,
    costUsd,
    servedModel: null,
    finishReason: null,
  };
}
