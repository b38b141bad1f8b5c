import { describe, expect, it } from "vitest";
import { DatasetDefinition, DecontaminateSettings } from "../schema/dataset-definition.ts";
import { interaction } from "../curate/testing/rows.ts";
import { isRefused } from "../stats/refused.ts";
import { seeded } from "../stats/random.ts";
import type { Random } from "../stats/random.ts";
import type { Candidate } from "./candidate.ts";
import { candidateOf } from "./candidate.ts";
import type { Evidence } from "./contamination.ts";
import { decontaminate } from "./decontaminate.ts";
import { wordsOf } from "./text.ts";

const settings = DecontaminateSettings.parse({});
const { score } = DatasetDefinition.parse({
  schema: "workbench/dataset-definition@1",
  kind: "sft",
  sources: [{}],
});

function row(id: string, question: string, answer = "certainly"): Candidate {
  const candidate = candidateOf(interaction({ id, question, answer }), score);
  if (isRefused(candidate)) throw new Error(candidate.reason);
  return candidate;
}

const sentence = (random: Random, words: number): string =>
  Array.from(
    { length: words },
    () => `${"bdfgklmnprstvz"[random.below(14)]}${"aeiou"[random.below(5)]}${random.below(3000)}`,
  ).join(" ");

const flagged = (rows: readonly Candidate[], items: readonly string[]): readonly string[] =>
  decontaminate(
    rows,
    [{ suite: "s", items: items.map((text, at) => ({ id: `s:${at + 1}`, text })) }],
    settings,
  ).removed.map(({ interactionId }) => interactionId);

describe("decontaminate", () => {
  const random = seeded("contamination");
  const head =
    "You are given a task of the category below. Read it twice, then answer in one short sentence, please.";
  const items = Array.from(
    { length: 60 },
    (_, i) => `${i % 2 ? `${head} ` : ""}${sentence(random, [7, 12, 25, 60][i % 4]!)}`,
  );
  // Every third sample, planted: as it is, inside other text, with a changed word, in the answer.
  const planted = Array.from({ length: 20 }, (_, i) => {
    const item = items[3 * i]!;
    const words = item.split(" ");
    if (i % 4 === 0) return row(`planted ${i}`, `  ${item.toUpperCase()} `);
    if (i % 4 === 1) return row(`planted ${i}`, `${sentence(random, 9)} ${item} ${sentence(random, 9)}`);
    if (i % 4 === 2 && words.length > 20) return row(`planted ${i}`, words.with(2, "changed").join(" "));
    return row(`planted ${i}`, sentence(random, 12), `It was: ${item}`);
  });
  const clean = Array.from({ length: 400 }, (_, i) => {
    const text = sentence(random, 8 + random.below(50));
    if (i % 4 === 0) return row(`template ${i}`, `${head} ${text}`);
    // A look-alike borrows the first few words of a sample, and no more.
    if (i % 4 === 1)
      return row(`look-alike ${i}`, `${items[i % 60]!.split(" ").slice(0, 4).join(" ")} ${text}`);
    return row(`clean ${i}`, text);
  });

  it("finds 20 of 20 planted rows and flags no template or look-alike", () => {
    expect(flagged([...clean, ...planted], items).toSorted()).toEqual(
      planted.map(({ row: { interaction_id } }) => interaction_id).toSorted(),
    );
  });

  it("shows the words both texts share, at the offsets it names", () => {
    const { removed } = decontaminate(
      planted,
      [{ suite: "s", items: items.map((text, at) => ({ id: `s:${at + 1}`, text })) }],
      settings,
    );
    for (const { evidence } of removed) {
      const found = evidence as Evidence;
      const part = (text: string, at: number): string =>
        wordsOf(text)
          .slice(at, at + found.runWords)
          .join(" ");
      expect(found.run).not.toBe("");
      expect(part(found.rowText, found.rowOffset)).toBe(found.run);
      expect(part(found.sampleText, found.sampleOffset)).toBe(found.run);
    }
  });

  it("compares samples under five words whole, and only with questions", () => {
    expect(
      flagged(
        [row("asked", "Reset my PIN!"), row("said", "How?", "reset my pin"), row("part", "reset my pin now")],
        ["reset my pin"],
      ),
    ).toEqual(["asked"]);
  });

  it("does not depend on the order of rows or suites", () => {
    const rows = [...clean.slice(0, 80), ...planted];
    expect(flagged(rows.toReversed(), items).toSorted()).toEqual(flagged(rows, items).toSorted());
  });

  it("takes two or fewer n-grams that a template left over as no evidence", () => {
    const shared = [
      "ask for the tent in Oslo today please",
      "ask for the tent in Oslo today again",
      "ask for the tent in Oslo today maybe",
    ];
    expect(flagged([row("x", "we must ask for the tent in Oslo today anyhow")], shared)).toEqual([]);
  });
});
