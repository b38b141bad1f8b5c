import type { IsErased, Stone } from "../redact/erased.ts";
import type { Policy } from "../redact/policy.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import type { Vault } from "../store/raw-vault.ts";
import type { Format } from "./formats/format.ts";
import type { Hints } from "./hints.ts";
import type { WorkspaceKey } from "./key.ts";
import type { Limits } from "./limits.ts";
import type { IngestRequest } from "./request.ts";
import type { RowKeys } from "./row-keys.ts";

/** What the import of a source is made with, the source apart. */
export interface ImportContext {
  readonly request: IngestRequest;
  readonly mapping: Format | null;
  readonly key: WorkspaceKey;
  readonly policy: Policy;
  readonly isErased: IsErased | null;
  /** What `isErased` was made of. */
  readonly stones: readonly Stone[];
  /** Where records are kept as they came; null without --keep-raw. */
  readonly vault: Vault | null;
  readonly limits: Limits;
  /** Those in force, sources before this one included. */
  readonly imports: readonly ImportManifest[];
  /** The keys of all their rows; opened when the first source has something to store. */
  readonly rowKeys: () => Promise<RowKeys>;
  readonly hints: Hints;
  readonly effects: Effects;
}
