import { DIGIT, HYPHEN, KIND, LETTER } from "./characters.ts";
import { codes } from "./codes.ts";
import { PREFIXES } from "./prefixes.ts";
import { TRIGGERS } from "./trigger-places.ts";

/** The least that makes a run a long one. */
export const LONG_RUN = 15;
/** How far before a run its prefix may begin. */
export const BEFORE_RUN = 80;

const IN_RUN = KIND.map((kind) => (kind === LETTER || kind === DIGIT || kind === HYPHEN ? 1 : 0));

/** Adds the run around `at` if it is a long one that a prefix may be in or before; where it ends. */
export function addRun(at: number): number {
  let [from, to] = [at, at];
  while (from > 0 && IN_RUN[codes[from - 1] as number] === 1) from--;
  while (IN_RUN[codes[to] as number] === 1) to++;
  if (to - from >= LONG_RUN && mayHavePrefix(from, to)) TRIGGERS.prefixed.add(from, to, to - from);
  return to;
}

/** The first three characters of what issuers' tokens begin with. */
const BEGINNINGS = new Uint8Array(1 << 16);
for (const prefix of ["eyJ", ...PREFIXES])
  for (const third of prefix.length > 2 ? prefix.charAt(2) : "0123456789abcdef") {
    const [a = 0, b = 0, c = 0] = Buffer.from(prefix.slice(0, 2) + third);
    BEGINNINGS[mixed(a, b, c)] = 1;
  }
function mixed(a: number, b: number, c: number): number {
  return (a * 4093 + b * 251 + c * 17) & 0xffff;
}

function mayHavePrefix(from: number, to: number): boolean {
  const before = from > 0 ? (codes[from - 1] as number) : 0;
  // . / :
  const isJoined = before === 46 || before === 47 || before === 58;
  let [a, b] = [0, 0];
  for (let at = isJoined ? Math.max(0, from - BEFORE_RUN) : from; at < to; at++) {
    const c = codes[at] as number;
    if (BEGINNINGS[mixed(a, b, c)] === 1) return true;
    a = b;
    b = c;
  }
  return false;
}
