/** What must not be found any more: texts, searched as the bytes they are and as JSON writes them. */
export interface Needles {
  readonly isIn: (bytes: Uint8Array) => boolean;
  /** The text without them. */
  readonly without: (text: string) => string;
  /** A regular expression of RE2 that matches where `isIn` holds; null where it would grow too long for one. */
  readonly pattern: string | null;
}

const WINDOW = 8;

/**
 * A search for many texts at once, in one pass: a rolling hash of 8 bytes says where one may begin
 * (Karp and Rabin 1987), and the bytes there decide. Texts under 8 bytes are searched one by one.
 */
export function needlesOf(texts: readonly string[]): Needles {
  const spellings = [...new Set(texts.flatMap(spelled))].filter((text) => text !== "");
  const all = spellings.map((text): Needle => ({ text, bytes: Buffer.from(text) }));
  const short = all.filter(({ bytes }) => bytes.length < WINDOW);
  const table = tableOf(all.filter(({ bytes }) => bytes.length >= WINDOW));
  const isShortIn = (bytes: Uint8Array): boolean =>
    short.length > 0 && short.some((one) => Buffer.from(bytes).includes(one.bytes));
  return {
    pattern: patternOf(spellings),
    isIn: (bytes) => isShortIn(bytes) || scan(bytes, table, () => true),
    without: (text) => {
      // Only those that are there: a person may have written thousands.
      const there = new Set<string>(short.map((one) => one.text));
      scan(Buffer.from(text), table, (one) => {
        there.add(one.text);
        return false;
      });
      const longestFirst = [...there].sort((a, b) => b.length - a.length);
      return longestFirst.reduce((rest, one) => rest.replaceAll(one, "[erased]"), text);
    },
  };
}

/** RE2 refuses what compiles to more than 8 MB; this many letters take half of it. */
const LONGEST_PATTERN = 100_000;

function patternOf(spellings: readonly string[]): string | null {
  // A text in the database may hold NUL, its JSON has an escape in its place, which is another spelling.
  const quoted = spellings
    .filter((text) => !text.includes("\0"))
    .map((text) => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&"));
  const pattern = quoted.join("|");
  return quoted.length === 0 || pattern.length > LONGEST_PATTERN ? null : pattern;
}

interface Needle {
  readonly text: string;
  readonly bytes: Buffer;
}

interface Table {
  /** By the hash of their first eight bytes. */
  readonly byHash: ReadonlyMap<number, readonly Needle[]>;
  /** One where a hash may be that of a needle; sixteen places for each, so that few others are. */
  readonly maybe: Uint8Array;
}

function tableOf(needles: readonly Needle[]): Table {
  const byHash = Map.groupBy(needles, ({ bytes }) => hashAt(bytes, 0));
  const maybe = new Uint8Array(1 << Math.max(16, Math.ceil(Math.log2(byHash.size * 16 + 1))));
  for (const hash of byHash.keys()) maybe[hash & (maybe.length - 1)] = 1;
  return { byHash, maybe };
}

/** As it is, as JSON has it, and as JSON within JSON has it. */
function spelled(text: string): readonly string[] {
  const once = JSON.stringify(text).slice(1, -1);
  return [text, once, JSON.stringify(once).slice(1, -1)];
}

const FACTOR = 0x01000193;
let power = 1; // FACTOR^WINDOW
for (let at = 0; at < WINDOW; at++) power = Math.imul(power, FACTOR);

function hashAt(bytes: Uint8Array, from: number): number {
  let hash = 0;
  for (let at = from; at < from + WINDOW; at++) hash = (Math.imul(hash, FACTOR) + (bytes[at] ?? 0)) | 0;
  return hash;
}

/** Calls `onFound` with each needle, wherever it lies, until one answers true. */
function scan(bytes: Uint8Array, { byHash, maybe }: Table, onFound: (needle: Needle) => boolean): boolean {
  if (bytes.length < WINDOW || byHash.size === 0) return false;
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mask = maybe.length - 1;
  let hash = hashAt(bytes, 0);
  for (let from = 0; ; from++) {
    if (maybe[hash & mask] === 1)
      for (const one of byHash.get(hash) ?? []) {
        const end = Math.min(from + one.bytes.length, whole.length);
        if (whole.compare(one.bytes, 0, one.bytes.length, from, end) === 0 && onFound(one)) return true;
      }
    const next = from + WINDOW;
    if (next >= bytes.length) return false;
    const gone = Math.imul(bytes[from] as number, power);
    hash = (Math.imul(hash, FACTOR) + (bytes[next] as number) - gone) | 0;
  }
}
