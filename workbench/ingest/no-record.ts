import { WorkbenchError } from "../errors/error.ts";

interface Kind {
  readonly what: string;
  readonly fix: string;
}

/** First bytes of files that people name by mistake. */
const KINDS: readonly (readonly [begin: string, kind: Kind])[] = [
  ["504b0304", { what: "this is a ZIP archive", fix: "unzip -p <file> | workbench ingest -" }],
  ["425a68", { what: "this is a bzip2 archive", fix: "bzip2 -dc <file> | workbench ingest -" }],
  ["fd377a585a00", { what: "this is an xz archive", fix: "xz -dc <file> | workbench ingest -" }],
  ["377abcaf271c", { what: "this is a 7z archive", fix: "7z x -so <file> | workbench ingest -" }],
  ["1f9d", { what: "this is a compress archive", fix: "uncompress -c <file> | workbench ingest -" }],
  [
    "53514c69746520666f726d6174",
    { what: "this is a SQLite database", fix: "sqlite3 -json <file> 'select …' | workbench ingest -" },
  ],
];

const UTF16 = { what: "this is UTF-16 text", fix: "iconv -f UTF-16 -t UTF-8 <file> | workbench ingest -" };
const LINES =
  "name it with --format or --map to have every line quarantined; comma-separated values are told by .csv, .tsv or --csv";

/** Why no record was found in the first megabyte of a source, and what would make it readable. */
export function noRecord(shown: string, head: Buffer): WorkbenchError {
  const {
    what,
    fix,
    why = "logs are JSON lines, one JSON array, CSV or Parquet, plain or as .gz or .zst",
  } = kindOf(head);
  return new WorkbenchError({ code: "WB_FORMAT_UNKNOWN", where: shown, what, why, fix });
}

function kindOf(head: Buffer): Kind & { readonly why?: string } {
  const hex = head.subarray(0, 16).toString("hex");
  const known = KINDS.find(([begin]) => hex.startsWith(begin));
  if (known) return known[1];
  if (hex.startsWith("fffe") || hex.startsWith("feff") || isHalfZero(head)) return UTF16;
  if (head.subarray(0, 4096).includes(0))
    return { what: "this is not text", fix: "name the files that hold logs" };
  if (isObject(head))
    return { what: "this is one JSON object over several lines", fix: "jq -c . <file> | workbench ingest -" };
  return {
    what: "there is no JSON object in its first megabyte",
    why: "the format is found out from the records themselves",
    fix: LINES,
  };
}

/** ASCII in UTF-16 without a byte order mark: every other byte is zero. */
function isHalfZero(head: Buffer): boolean {
  const bytes = [...head.subarray(0, 64)];
  return (
    bytes.length >= 16 && [0, 1].some((odd) => bytes.every((byte, n) => (n % 2 === odd) === (byte === 0)))
  );
}

/** A brace, and a name on the line after it. */
const isObject = (head: Buffer): boolean =>
  /^\ufeff?\s*\{\s*\n\s*"/.test(head.subarray(0, 4096).toString("utf8"));

/** Nothing but white space, with or without a byte order mark. */
export function isBlank(head: Buffer): boolean {
  const marked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  return head.subarray(marked ? 3 : 0).every((byte) => byte <= 0x20);
}
