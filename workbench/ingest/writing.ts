import type { Format } from "./formats/format.ts";
import type { ImportContext } from "./import-context.ts";
import type { Opened } from "./open.ts";
import type { Plan, Reading } from "./plan.ts";
import type { Source } from "./source.ts";

/** A source that is being written to the store. */
export interface Writing extends Reading {
  readonly source: Source;
  readonly opened: Opened;
  readonly plan: Extract<Plan, { kind: "import" }>;
  readonly format: Format;
  readonly confidence: number;
  readonly context: ImportContext;
}
