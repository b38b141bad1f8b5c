import { WorkbenchError } from "../errors/error.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { Detected } from "./detect.ts";
import { formatNamed } from "./detect.ts";
import type { Format } from "./formats/format.ts";
import { FORMATS } from "./formats/registry.ts";
import type { ImportContext } from "./import-context.ts";
import type { FileBytes } from "./ledger.ts";
import type { Source } from "./source.ts";

/** What is to be read of a source, given what earlier imports have read of it. */
export type Plan =
  | { readonly kind: "unchanged"; readonly manifest: ImportManifest }
  | {
      readonly kind: "import";
      readonly bytes: FileBytes | null;
      readonly byteStart: number;
      readonly byteEnd: number | null;
      readonly line: number;
      /** Known before looking when it is the mapping's or the predecessor's. */
      readonly format: Detected | null;
      readonly continues: ImportManifest | null;
      /** Ids, the latest last. */
      readonly replaces: readonly string[];
    };

/** How bytes are read, the format's name apart. */
export interface Reading {
  readonly importer: string;
  readonly policySha256: string;
}

type Identity = (format: Format) => Reading;

/**
 * Whole, tail, or nothing: the same bytes read the same way are done; a longer file whose beginning
 * is known is read from there; the same bytes read by an older importer or under another policy are
 * refused unless `again` says to replace them.
 */
export async function planOf(
  source: Source,
  bytes: FileBytes | null,
  context: ImportContext & { readonly identity: Identity },
): Promise<Plan> {
  const { mapping, request } = context;
  const given = mapping ?? (request.format === undefined ? null : formatNamed(request.format, FORMATS));
  const whole: Plan = {
    kind: "import",
    bytes,
    byteStart: 0,
    byteEnd: bytes?.bytes ?? null,
    line: 1,
    format: mapping && { format: mapping, confidence: 1 },
    continues: null,
    replaces: [],
  };
  if (bytes === null) {
    const read = context.imports.find(
      ({ id, source: known }) =>
        id === source.retries || (source.tag !== undefined && known["tag"] === source.tag),
    );
    return read && isReadAlike(read, given, context.identity) ? { kind: "unchanged", manifest: read } : whole;
  }
  const begins = bytes.begins.filter((manifest) => given === null || manifest.format === given.name);
  const same = begins.filter((manifest) => isReadAlike(manifest, given, context.identity));
  const done = same.find(({ source: known }) => known["fileSha256"] === bytes.sha256);
  if (done) return { kind: "unchanged", manifest: done };
  const last = same.filter(canContinue).at(-1);
  if (last) {
    const format = given ?? formatNamed(last.format, FORMATS);
    return {
      ...whole,
      byteStart: last.source.byteEnd,
      line: Number(last.source["lines"]) + 1,
      format: { format, confidence: 1 },
      continues: last,
    };
  }
  const other = begins.filter(({ source: known }) => known["fileSha256"] === bytes.sha256).at(-1);
  if (!other) return whole;
  if (!request.again) throw readBefore(source, other);
  return { ...whole, replaces: withRetries(chainOf(other, context.imports), context.imports) };
}

function isReadAlike(manifest: ImportManifest, given: Format | null, identity: Identity): boolean {
  const format = given ?? FORMATS.find(({ name }) => name === manifest.format);
  if (!format) return false;
  const { importer, policySha256 } = identity(format);
  return manifest.importer === importer && manifest.redaction.policySha256 === policySha256;
}

function canContinue({ source }: ImportManifest): boolean {
  return source["packing"] === "none" && source["framing"] === "lines" && source.byteEnd > 0;
}

/** An import and those it continues, the earliest first. */
function chainOf(last: ImportManifest, imports: readonly ImportManifest[]): readonly string[] {
  // What it continues may have been written again since, without somebody who was erased.
  const before =
    last.continues === null
      ? undefined
      : imports.find(({ id, replaces }) => id === last.continues || replaces === last.continues);
  return before ? [...chainOf(before, imports), last.id] : [last.id];
}

/** Who replaces an import replaces what a retry made of its quarantine, or those rows would be known for ever. */
function withRetries(chain: readonly string[], imports: readonly ImportManifest[]): readonly string[] {
  const retried = imports.filter(({ id, retries }) => !chain.includes(id) && chain.includes(String(retries)));
  return retried.length === 0 ? chain : withRetries([...retried.map(({ id }) => id), ...chain], imports);
}

function readBefore(source: Source, other: ImportManifest): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: source.shown,
    what: `import ${other.id.slice(0, 12)} has these bytes, read by ${other.importer} under another privacy policy, key or version`,
    why: "reading them again would store the same interactions in two forms",
    fix: "add --again to replace the old rows by the new ones",
  });
}
