import { canonical, sha256 } from "../schema/canonical.ts";
import { ImportedRow } from "./imports/row.ts";
import { readRows } from "./read-rows.ts";
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
      const answers = new Map<string, ImportedRow>();
      const lines: string[] = [];
      for await (const { value } of readRows(dataPath(path, project, effects), effects)) {
        const row = ImportedRow.parse(value);
        lines.push(canonical(row));
        answers.set(byContent(row, row.epoch), row);
        answers.set(byName(row.id, row.epoch), row);
      }
      const lookup: Lookup = (sample, epoch) => {
        const same = answers.get(byContent(sample, epoch));
        const found = same ?? answers.get(byName(sample.label, epoch));
        return found ? answerOf(found, same ? "content" : "name") : null;
      };
      return { sha256: sha256(lines.join("\n")), lookup };
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
