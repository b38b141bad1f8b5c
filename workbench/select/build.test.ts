import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Given } from "../curate/testing/rows.ts";
import { interaction } from "../curate/testing/rows.ts";
import { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import { isRefused } from "../stats/refused.ts";
import type { Built } from "./build.ts";
import { build } from "./build.ts";
import { contentKey, promptKey } from "./exact-dedup.ts";
import { wordsOf } from "./text.ts";

const define = (parts: object): DatasetDefinition =>
  DatasetDefinition.parse({
    schema: "workbench/dataset-definition@1",
    sources: [{}],
    filters: { response: null, scoreAbove: 0.3 },
    score: { explicit: 0.7, implicit: 0.3, length: 0, context: 0, missing: "reweight" },
    split: { train: 0.5, val: 0.3, test: 0.2, maxComponent: 1 },
    ...parts,
  });

const around = {
  suites: [{ suite: "s", items: [{ id: "s:1", text: "which parcel is mine today" }] }],
  screens: { length: (text: string) => wordsOf(text).length, pii: () => ({}) },
};

const run = (rows: readonly StoredInteraction[], definition: DatasetDefinition): Built => {
  const built = build(rows, definition, around);
  if (isRefused(built)) throw new Error(built.reason);
  return built;
};

const long =
  "the parcel with the blue kettle was due on Monday but it has not come to our house in Leeds and nobody answers";
const questions = [
  "which parcel is mine today",
  "where is it",
  "Where  is it",
  long,
  `${long} please`,
  `${long} thanks`,
  "reset my pin",
  "",
];
const answers = ["billing", "login", "it is late", ""];

const rowGiven: fc.Arbitrary<Omit<Given, "id">> = fc
  .record(
    {
      question: fc.constantFrom(...questions),
      answer: fc.constantFrom(...answers),
      user: fc.constantFrom("ann", "bob", "cy", "di", "ed", "flo"),
      conversation: fc.constantFrom("1", "2", "3", "4", "5", "6", "7", "8", "9"),
      accepted: fc.boolean(),
      more: fc.constantFrom(
        {},
        { status: "error" },
        { task_type: "a" },
        { task_type: "b" },
        { conversation_id: null },
        { user_key: null },
      ),
    },
    { requiredKeys: ["question", "answer"] },
  )
  .chain((given) =>
    fc
      .record({
        corrected: fc.constantFrom(undefined, ...answers),
        thumb: fc.constantFrom(undefined, 1 as const, -1 as const),
      })
      .map(({ corrected, thumb }) => ({
        ...given,
        ...(corrected === undefined ? {} : { corrected }),
        ...(thumb === undefined ? {} : { thumb }),
      })),
  );
const rowsGiven = fc
  .array(rowGiven, { maxLength: 40 })
  .map((list) => list.map((given, at) => interaction({ id: `i${at}`, ...given })));
const definitions = fc.constantFrom(
  define({ kind: "sft" }),
  define({ kind: "sft", target: "original", balance: { by: "taskType", total: 8 } }),
  define({
    kind: "preference",
    pairs: { from: ["correction", "rated"], maxUserShare: 0.3, maxPerPrompt: 2 },
  }),
);

describe("build", () => {
  it("loses no row: every step adds up, every removed row has one line, and sides hold the rest", () => {
    fc.assert(
      fc.property(rowsGiven, definitions, (rows, definition) => {
        const built = run(rows, definition);
        for (const step of built.funnel) {
          const removed = Object.values(step.removed).reduce((sum, count) => sum + count, 0);
          expect(step.in - removed).toBe(step.out);
          expect(built.rejects.filter((reject) => reject.step === step.step)).toHaveLength(removed);
        }
        for (const unit of ["row", "pair"] as const) {
          const chain = built.funnel.filter((step) => step.unit === unit);
          chain.slice(1).forEach((step, at) => expect(step.in).toBe(chain[at]!.out));
        }
        expect(built.funnel[0]!.in).toBe(rows.length);
        expect(Object.values(built.sides).flat()).toHaveLength(built.funnel.at(-1)!.out);
        expect(
          new Set(
            Object.values(built.sides)
              .flat()
              .map(({ key }) => key),
          ).size,
        ).toBe(built.funnel.at(-1)!.out);
      }),
      { numRuns: 300 },
    );
  });

  it("never splits a user, a conversation, a prompt or a text", () => {
    fc.assert(
      fc.property(rowsGiven, definitions, (rows, definition) => {
        const built = run(rows, definition);
        const sideOf = new Map<string, string>();
        for (const [side, units] of Object.entries(built.sides))
          for (const { members } of units)
            for (const member of members) {
              const { user_key, conversation_id } = member.row;
              const keys = [
                user_key && `user ${user_key}`,
                conversation_id && `conversation ${conversation_id}`,
                `prompt ${promptKey(member)}`,
                `text ${contentKey(member)}`,
              ];
              for (const key of keys.filter((name) => name !== null && name !== "")) {
                expect(sideOf.get(key!) ?? side).toBe(side);
                sideOf.set(key!, side);
              }
            }
      }),
      { numRuns: 300 },
    );
  });

  it("depends on the set of rows, not on their order", () => {
    const shuffled = rowsGiven.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows], { minLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, definitions, ([rows, other], definition) => {
        const plain = ({ groupOf: _groupOf, ...rest }: Built): unknown => JSON.parse(JSON.stringify(rest));
        expect(plain(run(other, definition))).toEqual(plain(run(rows, definition)));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps a side when rows are added that tie nothing to it", () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      interaction({ id: `r${i}`, question: `question number ${i}`, thumb: 1 }),
    );
    const sides = (built: Built): ReadonlyMap<string, string> =>
      new Map(
        Object.entries(built.sides).flatMap(([side, units]) => units.map(({ key }) => [key, side] as const)),
      );
    const [few, many] = [
      sides(run(rows.slice(0, 40), define({ kind: "sft" }))),
      sides(run(rows, define({ kind: "sft" }))),
    ];
    for (const [key, side] of few) expect(many.get(key)).toBe(side);
    expect(new Set(many.values()).size).toBe(3);
  });

  it("refuses a split whose largest group is beyond the limit, naming the ties", () => {
    const rows = Array.from({ length: 20 }, (_, i) =>
      interaction({ id: `r${i}`, question: `question ${i}`, user: i < 5 ? "ann" : `u${i}`, thumb: 1 }),
    );
    const refusal = build(rows, define({ kind: "sft", split: { maxComponent: 0.1 } }), around);
    expect(refusal).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("5 of 20 rows (25 %), tied together 4 by user"),
    });
  });
});
