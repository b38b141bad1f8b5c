/** What must not be found any more: texts, searched as the bytes they are and as JSON writes them. */
export interface Needles {
  readonly isIn: (bytes: Uint8Array) => boolean;
  /** The text without them. */
  readonly without: (text: string) => string;
  readonly count: number;
}

const WINDOW = 8;

/**
 * A search for many texts at once, in one pass: a rolling hash of 8 bytes says where one may begin
 * (Karp and Rabin 1987), and the bytes there decide. Texts under 8 bytes are searched one by one.
 */
export function needlesOf(texts: readonly string[]): Needles {
  const spellings = [...new Set(texts.flatMap(spelled))].filter((text) => text !== "");
  const long = new Map<number, Buffer[]>();
  const short: Buffer[] = [];
  for (const bytes of spellings.map((text) => Buffer.from(text))) {
    if (bytes.length < WINDOW) short.push(bytes);
    else {
      const hash = hashAt(bytes, 0);
      long.set(hash, [...(long.get(hash) ?? []), bytes]);
    }
  }
  const maybe = new Uint8Array(1 << 16);
  for (const hash of long.keys()) maybe[hash & 0xffff] = 1;
  return {
    count: spellings.length,
    isIn: (bytes) => short.some((one) => Buffer.from(bytes).includes(one)) || isLongIn(bytes, long, maybe),
    without: (text) => {
      const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
      return longestFirst.reduce((rest, one) => rest.replaceAll(one, "[erased]"), text);
    },
  };
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

function isLongIn(
  bytes: Uint8Array,
  long: ReadonlyMap<number, readonly Buffer[]>,
  maybe: Uint8Array,
): boolean {
  if (bytes.length < WINDOW || long.size === 0) return false;
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = hashAt(bytes, 0);
  for (let from = 0; ; from++) {
    if (maybe[hash & 0xffff] === 1)
      for (const one of long.get(hash) ?? [])
        if (whole.compare(one, 0, one.length, from, Math.min(from + one.length, whole.length)) === 0)
          return true;
    const next = from + WINDOW;
    if (next >= bytes.length) return false;
    const gone = Math.imul(bytes[from] as number, power);
    hash = (Math.imul(hash, FACTOR) + (bytes[next] as number) - gone) | 0;
  }
}
