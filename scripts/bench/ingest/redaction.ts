// Redaction alone, on generated chat texts: node scripts/bench/ingest/redaction.ts [texts, default 20000]
import { DEFAULT_POLICY } from "../../../workbench/redact/policy.ts";
import { redactValue } from "../../../workbench/redact/redact.ts";
import { chatTexts } from "./chat-texts.ts";

export interface RedactionFigures {
  readonly megabytes: number;
  readonly found: number;
  /** Of ours: every string replaced, as ingest does. */
  readonly megabytesPerCpuSecond: number;
  /** The same detectors over every text, without their triggers: what the patterns alone cost. */
  readonly patternsAlone: number;
  /** One bare pattern for e-mail, by itself. */
  readonly onePattern: number;
}

const KEY = Buffer.alloc(32, 7);
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;

/** Measures redaction beside its patterns alone, in one run. */
export function measureRedaction(count: number): RedactionFigures {
  const texts = chatTexts(count);
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  let found = 0;
  const ours = (): void => {
    found = 0;
    for (const text of texts)
      for (const times of Object.values(redactValue(text, DEFAULT_POLICY, KEY).counts)) found += times;
  };
  const everywhere = (): void => {
    for (const text of texts)
      for (const { find } of DEFAULT_POLICY.detectors)
        find({ text, from: 0, to: text.length, left: () => undefined });
  };
  const one = (): void => {
    for (const text of texts) text.match(EMAIL);
  };
  return {
    megabytes,
    megabytesPerCpuSecond: megabytes / best(ours),
    patternsAlone: megabytes / best(everywhere),
    onePattern: megabytes / best(one),
    found: (ours(), found),
  };
}

/** CPU seconds of the fastest of five runs. */
function best(work: () => void): number {
  let least = Infinity;
  for (let run = 0; run < 5; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

if (process.argv[1] === import.meta.filename) {
  const figures = measureRedaction(Number(process.argv[2] ?? 20_000));
  console.log(
    `${figures.megabytes.toFixed(1)} MB, ${figures.found} found; MB per CPU-second: ${figures.megabytesPerCpuSecond.toFixed(0)} redaction, ` +
      `${figures.patternsAlone.toFixed(0)} patterns alone, ${figures.onePattern.toFixed(0)} one pattern for e-mail`,
  );
}
