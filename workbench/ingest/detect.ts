import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { draftMapping } from "./formats/draft-mapping.ts";
import type { Format } from "./formats/format.ts";
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
      confidence: sample.filter((record) => format.matches(record)).length / sample.length,
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
      : described(sample),
  });
}

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
  const share = (one: Format): number =>
    sample.filter((record) => one.matches(record)).length / sample.length;
  if (sample.length === 0) return 0;
  const confidence = share(format);
  const other = confidence > 0 ? undefined : formats.find((one) => share(one) >= TAKEN);
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
