import type { ImportManifest } from "../../schema/import.ts";
import { StoredInteraction } from "../../schema/interaction.ts";
import { sha256 } from "../../schema/canonical.ts";
import type { Store } from "../sources.ts";

export interface Given {
  readonly id: string;
  readonly question: string;
  readonly answer?: string;
  readonly corrected?: string;
  readonly thumb?: 1 | -1;
  readonly accepted?: boolean;
  readonly user?: string;
  readonly conversation?: string;
  readonly more?: object;
}

/** An interaction as the store would give it. */
export function interaction(given: Given): StoredInteraction {
  const signal = { occurred_at: "2026-01-02T00:00:00.000000Z" };
  const digits = sha256(given.id);
  return StoredInteraction.parse({
    interaction_id: given.id,
    row_key: `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20, 32)}`,
    import_id: "a".repeat(32),
    line_no: 1,
    part: 0,
    byte_offset: 0,
    byte_length: 1,
    format: "workbench",
    conversation_id: given.conversation ?? `conversation of ${given.id}`,
    user_key: given.user ?? null,
    started_at: "2026-01-01T00:00:00.000000Z",
    messages: [
      { role: "system", content: "Route the ticket." },
      { role: "user", content: given.question },
    ],
    output: [{ role: "assistant", content: given.answer ?? "ok", finish_reason: "stop" }],
    feedback: [
      ...(given.corrected === undefined
        ? []
        : [{ ...signal, kind: "correction", value: -0.5, corrected_text: given.corrected }]),
      ...(given.thumb === undefined ? [] : [{ ...signal, kind: "thumb", value: given.thumb }]),
      ...(given.accepted ? [{ ...signal, kind: "accepted", value: 0.6 }] : []),
    ],
    ...given.more,
  });
}

/** A store that holds these rows in one import under `label`. */
export function storeWith(rows: readonly StoredInteraction[], label = "test"): Store {
  const manifest = {
    schema: "workbench/import@1",
    id: "a".repeat(32),
    kind: "interactions",
    source: { label, sha256: "b".repeat(64), byteStart: 0, byteEnd: 1 },
    files: [{ path: "rows.parquet", sha256: "c".repeat(64), bytes: 1 }],
  } as unknown as ImportManifest;
  return {
    imports: async () => [manifest],
    rows: async function* ({ labels }) {
      if (!labels || labels.includes(label)) yield* rows;
    },
  };
}
