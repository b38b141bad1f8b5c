// Redaction alone, on generated chat texts: node scripts/bench/ingest/redaction.ts [texts, default 20000]
import { DEFAULT_POLICY, makePolicy } from "../../../workbench/redact/policy.ts";
import { redactValue } from "../../../workbench/redact/redact.ts";
import { chatTexts } from "./chat-texts.ts";

const KEY = Buffer.alloc(32, 7);
const ROUNDS = 5;

/** One way over the same texts. */
interface Way {
  readonly what: string;
  readonly work: () => void;
}

export interface Speed {
  readonly what: string;
  readonly megabytesPerCpuSecond: number;
}

/** Redaction of chat texts beside its patterns alone, in one run; the fastest of five rounds, which both take in turns. */
export function measureRedaction(count: number): readonly Speed[] {
  const texts = chatTexts(count);
  const megabytes = texts.reduce((total, text) => total + Buffer.byteLength(text), 0) / 1e6;
  return inTurns([
    { what: "redaction, each text a string", work: () => redactAll(texts) },
    { what: "its patterns alone, asked everywhere", work: () => askEverywhere(texts) },
  ]).map(({ what, cpuSeconds }) => ({ what, megabytesPerCpuSecond: megabytes / cpuSeconds }));
}

// Each round has a policy of its own: what is remembered of texts goes with it.
function redactAll(texts: readonly string[]): void {
  const policy = makePolicy();
  for (const text of texts) redactValue(text, policy, KEY);
}

function askEverywhere(texts: readonly string[]): void {
  for (const text of texts)
    for (const { find } of DEFAULT_POLICY.detectors)
      find({ text, from: 0, to: text.length, left: () => undefined });
}

function inTurns(ways: readonly Way[]): readonly { readonly what: string; readonly cpuSeconds: number }[] {
  const fastest = ways.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++)
    for (const [n, { work }] of ways.entries()) fastest[n] = Math.min(fastest[n] ?? Infinity, cpuSecondsOf(work)); // prettier-ignore
  return ways.map(({ what }, n) => ({ what, cpuSeconds: fastest[n] ?? NaN }));
}

function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

if (process.argv[1] === import.meta.filename) {
  const count = Number(process.argv[2] ?? 20_000);
  console.log(`${count} chat texts; MB per CPU-second, the fastest of ${ROUNDS} rounds taken in turns:`);
  for (const { what, megabytesPerCpuSecond } of measureRedaction(count))
    console.log(`${megabytesPerCpuSecond.toFixed(0).padStart(6)}  ${what}`);
}
