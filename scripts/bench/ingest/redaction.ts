// Redaction alone, on generated chat texts: node scripts/bench/ingest/redaction.ts [texts, default 20000]
import { DEFAULT_POLICY, makePolicy } from "../../../workbench/redact/policy.ts";
import { redactValue } from "../../../workbench/redact/redact.ts";
import { setAside } from "../../../workbench/redact/testing/set-aside.ts";
import type { Aside } from "../../../workbench/schema/aside.ts";
import { chatTexts } from "./chat-texts.ts";

const KEY = Buffer.alloc(32, 7);
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const PER_RECORD = 4;
const PROMPTS = 12;
const ROUNDS = 5;

/** One way over the same texts; the fastest of five rounds, which the ways take in turns. */
interface Way {
  readonly what: string;
  readonly megabytes: number;
  readonly work: () => void;
}

export interface Speed {
  readonly what: string;
  readonly megabytesPerCpuSecond: number;
}

/** Redaction as ingest asks for it and of bare strings, beside its patterns alone, in one run. */
export function measureRedaction(count: number): readonly Speed[] {
  const texts = chatTexts(count);
  const prompts = Array.from({ length: PROMPTS }, (_, n) => chatTexts(2, `prompt ${n}`).join("\n"));
  const megabytes = megabytesOf(texts);
  const [fresh, prompted] = [recordsOf(texts, []), recordsOf(texts, prompts)];
  return inTurns([
    { what: "texts set aside as bytes, four a record, with a person's id: as ingest does", megabytes, work: () => redactAll(fresh) }, // prettier-ignore
    { what: `the same, each record with one of ${PROMPTS} system prompts`, megabytes: sum(prompted), work: () => redactAll(prompted) }, // prettier-ignore
    { what: "each text a string of its own", megabytes, work: () => redactStrings(texts) },
    { what: "the patterns alone, asked everywhere", megabytes, work: () => askEverywhere(texts) },
    { what: "one bare pattern for e-mail", megabytes, work: () => texts.forEach((text) => text.match(EMAIL)) }, // prettier-ignore
  ]);
}

interface LoggedRecord {
  readonly value: unknown;
  readonly aside: Aside;
  readonly megabytes: number;
}

/** Records as they are when their long texts were set aside; that it was done is not measured here. */
function recordsOf(texts: readonly string[], prompts: readonly string[]): readonly LoggedRecord[] {
  return Array.from({ length: Math.ceil(texts.length / PER_RECORD) }, (_, n) => {
    const own = [...prompts.slice(n % PROMPTS, (n % PROMPTS) + 1), ...texts.slice(n * PER_RECORD, (n + 1) * PER_RECORD)]; // prettier-ignore
    const record = { messages: own.map((content) => ({ role: "user", content })) };
    return { ...setAside(record, 64), megabytes: megabytesOf(own) };
  });
}

// Each round has a policy of its own: what is remembered of texts goes with it.
function redactAll(records: readonly LoggedRecord[]): void {
  const policy = makePolicy();
  for (const { value, aside } of records) redactValue(value, policy, KEY, { aside, users: ["user-4711"] });
}

function redactStrings(texts: readonly string[]): void {
  const policy = makePolicy();
  for (const text of texts) redactValue(text, policy, KEY);
}

function askEverywhere(texts: readonly string[]): void {
  for (const text of texts)
    for (const { find } of DEFAULT_POLICY.detectors)
      find({ text, from: 0, to: text.length, left: () => undefined });
}

function inTurns(ways: readonly Way[]): readonly Speed[] {
  const seconds = ways.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++)
    for (const [n, { work }] of ways.entries()) seconds[n] = Math.min(seconds[n] ?? Infinity, cpuSecondsOf(work)); // prettier-ignore
  return ways.map(({ what, megabytes }, n) => ({ what, megabytesPerCpuSecond: megabytes / (seconds[n] ?? NaN) })); // prettier-ignore
}

function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const megabytesOf = (texts: readonly string[]): number =>
  texts.reduce((total, text) => total + Buffer.byteLength(text), 0) / 1e6;
const sum = (records: readonly LoggedRecord[]): number =>
  records.reduce((total, { megabytes }) => total + megabytes, 0);

if (process.argv[1] === import.meta.filename) {
  const count = Number(process.argv[2] ?? 20_000);
  console.log(`${count} chat texts; MB per CPU-second, the fastest of ${ROUNDS} rounds taken in turns:`);
  for (const { what, megabytesPerCpuSecond } of measureRedaction(count))
    console.log(`${megabytesPerCpuSecond.toFixed(0).padStart(6)}  ${what}`);
}
