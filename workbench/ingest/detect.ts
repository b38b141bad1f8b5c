import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { draftMapping } from "./formats/draft-mapping.ts";
import type { Format } from "./formats/format.ts";
import { isRecord, listOf } from "./formats/format.ts";
import type { JsonRecord } from "./parse.ts";

export interface Detected {
  readonly format: Format;
  /** The share of sampled records that match it. */
  readonly confidence: number;
}

/** A format is taken when this share of the sample matches it … */
const TAKEN = 0.95;
/** … and no other exceeds this one. */
const OTHER = 0.05;

/**
 * The format of a sample of records. Stops with the shares when no format has 95 % or a second one
 * exceeds 5 %: a wrong guess would quarantine or misread a whole file.
 */
export function detect(sample: readonly JsonRecord[], formats: readonly Format[], shown: string): Detected {
  const shares = formats
    .map((format) => ({
      format,
      confidence: share(sample, format.matches),
    }))
    .filter(({ confidence }) => confidence > 0)
    .sort((a, b) => b.confidence - a.confidence);
  const [best, second] = shares;
  if (best && best.confidence >= TAKEN && (second?.confidence ?? 0) <= OTHER) return best;
  const listed = shares
    .map(({ format, confidence }) => `${format.name} ${Math.round(confidence * 100)} %`)
    .join(", ");
  throw new WorkbenchError({
    code: best ? "WB_FORMAT_AMBIGUOUS" : "WB_FORMAT_UNKNOWN",
    where: shown,
    what: best
      ? `the format is not clear: of ${sample.length} sampled records match ${listed}`
      : `no known format matches any of ${sample.length} sampled records`,
    why: best
      ? "one format must match 95 % or more, and no other over 5 %"
      : `a record has the members ${quoted(
          Object.keys(sample[0] ?? {})
            .slice(0, 8)
            .join(", "),
        )}`,
    fix: best
      ? `say it with ${shares.map(({ format }) => `--format ${format.name}`).join(" or ")}`
      : (unwrapped(sample, formats) ?? described(sample)),
  });
}

/** An answer of an API that was saved as it came: how to get at the records that one of its members holds. */
function unwrapped(sample: readonly JsonRecord[], formats: readonly Format[]): string | null {
  for (const name of Object.keys(sample[0] ?? {}).filter((member) => /^[A-Za-z_]\w{0,40}$/.test(member))) {
    const inner = sample.flatMap((record) => listOf(record[name])).filter(isRecord);
    const format = formats.find(({ matches }) => inner.length > 0 && share(inner, matches) >= TAKEN);
    if (format)
      return `its member ${name} holds ${format.name} records: jq -c '.${name}[]' <file> | workbench ingest -`;
  }
  return null;
}

const share = (records: readonly JsonRecord[], matches: Format["matches"]): number =>
  records.filter(matches).length / records.length;

/** How to read what no importer knows: a mapping file, begun from the names of the members. */
function described(sample: readonly JsonRecord[]): string {
  const draft = draftMapping(sample);
  const way = "describe it in a mapping file and say --map <file.yaml>";
  if (draft === null) return `${way} (docs/ingest.md, A mapping file)`;
  return [`${way}; one to begin with:`, ...draft.map((line) => `         ${line}`)].join("\n");
}

/** Refuses a named format that no sampled record has, where another one would be taken: all would be quarantined. */
export function mustMatch(
  format: Format,
  sample: readonly JsonRecord[],
  { formats, shown }: { readonly formats: readonly Format[]; readonly shown: string },
): number {
  if (sample.length === 0) return 0;
  const confidence = share(sample, format.matches);
  const other = confidence > 0 ? undefined : formats.find(({ matches }) => share(sample, matches) >= TAKEN);
  if (!other) return confidence;
  throw new WorkbenchError({
    code: "WB_FORMAT_UNKNOWN",
    where: shown,
    what: `none of ${sample.length} sampled records is ${format.name}`,
    why: `they are ${other.name}, and every one would be quarantined`,
    fix: `leave --format out, or say --format ${other.name}`,
  });
}

export function formatNamed(name: string, formats: readonly Format[]): Format {
  const format = formats.find((known) => known.name === name);
  if (format) return format;
  throw new WorkbenchError({
    code: "WB_FORMAT_UNKNOWN",
    where: "--format",
    what: `there is no format ${quoted(name)}`,
    fix: `use one of ${formats.map((known) => known.name).join(", ")}`,
  });
}
