import type { DecontaminateSettings } from "../schema/dataset-definition.ts";
import type { Candidate } from "./candidate.ts";
import { answersOf } from "./candidate.ts";
import type { Evidence, Sample, Suite } from "./contamination.ts";
import { matchTurn, samplesOf, templateGrams } from "./contamination.ts";
import type { Removal, Sieved } from "./funnel.ts";
import { gramHashes } from "./shingles.ts";
import { removal } from "./sieve.ts";
import { byText, wordsOf } from "./text.ts";

interface Turn {
  readonly role: string;
  readonly text: string;
  readonly words: readonly string[];
}

/**
 * C5: removes rows that repeat what an evaluation asks. A turn that equals a whole sample is always
 * a repeat; otherwise unmasked n-grams decide. The row goes, never the sample, and the removal
 * carries the evidence: both texts and the run of words they share.
 */
export function decontaminate(
  candidates: readonly Candidate[],
  suites: readonly Suite[],
  settings: DecontaminateSettings,
): Sieved<Candidate> {
  const samples = samplesOf(suites, settings);
  const rows = candidates.map(turnsOf);
  const masked = templateGrams(
    samples,
    rows.map((turns) => turns.map((turn) => turn.words)),
    settings,
  );
  const index = indexOf(samples, masked);
  const removed: Removal[] = [];
  const kept = candidates.filter((candidate, at) => {
    const evidence = worst(rows[at] ?? [], index, { masked, settings });
    if (evidence === null) return true;
    const share = Math.round(evidence.overlap * 100);
    const detail = `repeats ${evidence.item} (${share} % of its n-grams, a run of ${evidence.runWords} words)`;
    removed.push({ ...removal(candidate, { rule: `contaminated-${evidence.rule}`, detail }), evidence });
    return false;
  });
  return { kept, removed };
}

function turnsOf(candidate: Candidate): readonly Turn[] {
  return [...candidate.prompt, ...answersOf(candidate).map((answer) => answer.turn)]
    .filter((turn) => turn.role !== "system")
    .map(({ role, content }) => ({ role, text: content, words: wordsOf(content) }));
}

interface Index {
  readonly byWords: ReadonlyMap<string, Sample>;
  readonly byGram: ReadonlyMap<number, readonly Sample[]>;
  readonly sizes: readonly number[];
}

function indexOf(samples: readonly Sample[], masked: ReadonlySet<number>): Index {
  const byWords = new Map<string, Sample>();
  const byGram = new Map<number, Sample[]>();
  for (const sample of samples) {
    const whole = sample.words.join(" ");
    if (whole !== "" && !byWords.has(whole)) byWords.set(whole, sample);
    for (const gram of new Set(sample.grams)) {
      if (masked.has(gram)) continue;
      const list = byGram.get(gram);
      if (list) list.push(sample);
      else byGram.set(gram, [sample]);
    }
  }
  return { byWords, byGram, sizes: [...new Set(samples.map((sample) => sample.n))] };
}

/** The strongest evidence against a row: exact first, then overlap, then the name of the item. */
function worst(
  turns: readonly Turn[],
  index: Index,
  rules: { readonly masked: ReadonlySet<number>; readonly settings: DecontaminateSettings },
): Evidence | null {
  const found: Evidence[] = [];
  for (const { role, text, words } of turns) {
    // Samples are questions: an answer that happens to equal one ("yes") repeats nothing.
    const same = role === "user" ? index.byWords.get(words.join(" ")) : undefined;
    if (same) return evidenceOf(same, text, exactMatch(words));
    const hits = new Set<Sample>();
    for (const n of index.sizes)
      for (const gram of gramHashes(words, n))
        for (const sample of index.byGram.get(gram) ?? []) hits.add(sample);
    for (const sample of hits) {
      const match = matchTurn(words, sample, rules);
      if (match) found.push(evidenceOf(sample, text, match));
    }
  }
  found.sort((a, b) => b.overlap - a.overlap || b.runWords - a.runWords || byText(a.item, b.item));
  return found[0] ?? null;
}

type Match = Omit<Evidence, "suite" | "item" | "sampleText" | "rowText">;

function exactMatch(words: readonly string[]): Match {
  return {
    rule: "exact",
    overlap: 1,
    runWords: words.length,
    run: words.join(" "),
    sampleOffset: 0,
    rowOffset: 0,
  };
}

function evidenceOf(sample: Sample, rowText: string, match: Match): Evidence {
  return { suite: sample.suite, item: sample.item.id, ...match, sampleText: sample.item.text, rowText };
}
