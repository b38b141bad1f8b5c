import { describe, expect, it } from "vitest";
import type { Given } from "../curate/testing/rows.ts";
import { interaction } from "../curate/testing/rows.ts";
import type { DatasetDefinition as Definition } from "../schema/dataset-definition.ts";
import {
  BalanceSettings,
  DatasetDefinition,
  PairSettings,
  ScoreSettings,
  WhereSettings,
} from "../schema/dataset-definition.ts";
import { isRefused } from "../stats/refused.ts";
import { balance } from "./balance.ts";
import type { Candidate } from "./candidate.ts";
import { candidateOf } from "./candidate.ts";
import { filterRows } from "./filter.ts";
import { offerPairs } from "./pairs.ts";
import { perUser, teachable } from "./pair-limits.ts";
import { evenness, lengthsOf } from "./quality.ts";
import { rewardOf } from "./reward.ts";
import { scoreAnswer } from "./score.ts";
import { sideAt } from "./split.ts";
import { chooseTarget } from "./target.ts";
import { folded, wordsOf } from "./text.ts";
import { conversationOf } from "./turns.ts";
import { wherePairs } from "./where.ts";

const scoring = ScoreSettings.parse({});
const feedbackOnly = ScoreSettings.parse({
  explicit: 0.7,
  implicit: 0.3,
  length: 0,
  context: 0,
  missing: "reweight",
});
const defaults = (kind: Definition["kind"]): Definition =>
  DatasetDefinition.parse({ schema: "workbench/dataset-definition@1", kind, sources: [{}] });

function candidate(given: Given, settings = feedbackOnly): Candidate {
  const made = candidateOf(interaction(given), settings);
  if (isRefused(made)) throw new Error(made.reason);
  return made;
}

describe("score (C1)", () => {
  const row = interaction({ id: "a", question: "q" });
  const text = Array.from({ length: 60 }, () => "word").join(" ");

  it("is the weighted sum of its components, clamped", () => {
    expect(scoreAnswer({ text, row, explicit: 1, implicit: 0.6 }, scoring).value).toBeCloseTo(0.73, 12);
    expect(scoreAnswer({ text, row, explicit: -1, implicit: null }, scoring).value).toBe(0);
  });

  it("counts what is missing as 0, or shares its weight out", () => {
    expect(scoreAnswer({ text: "", row, explicit: null, implicit: 0.6 }, feedbackOnly).value).toBeCloseTo(
      0.6,
      12,
    );
    expect(
      scoreAnswer({ text: "", row, explicit: null, implicit: 0.6 }, { ...feedbackOnly, missing: "zero" })
        .value,
    ).toBeCloseTo(0.18, 12);
    expect(scoreAnswer({ text: "", row, explicit: null, implicit: null }, feedbackOnly)).toMatchObject({
      value: 0,
      explicit: null,
    });
  });

  it("gives a correction the score of what a person wrote, and the original the cost of needing it", () => {
    const { original, correction } = candidate({
      id: "c",
      question: "q",
      answer: "wrong",
      corrected: "right",
    });
    expect(correction?.score).toMatchObject({ value: 1, explicit: 1, implicit: null });
    expect(original.score).toMatchObject({ value: 0, explicit: -0.5 });
  });
});

describe("target", () => {
  const rows = [
    candidate({ id: "corrected", question: "q", corrected: "better", thumb: 1 }),
    candidate({ id: "accepted", question: "q", accepted: true }),
    candidate({ id: "disliked", question: "q", thumb: -1, accepted: true }),
    candidate({ id: "silent", question: "q" }),
  ];
  it.each([
    [
      "corrected-or-accepted",
      { corrected: "correction", accepted: "original" },
      ["not-accepted", "no-feedback"],
    ],
    ["corrected", { corrected: "correction" }, ["no-correction", "no-correction", "no-correction"]],
    ["accepted", { accepted: "original" }, ["corrected", "not-accepted", "no-feedback"]],
    [
      "original",
      { corrected: "original", accepted: "original", disliked: "original", silent: "original" },
      [],
    ],
  ] as const)("%s", (rule, kept, rules) => {
    const found = chooseTarget(rows, rule);
    expect(Object.fromEntries(found.kept.map(({ row, target }) => [row.interaction_id, target?.by]))).toEqual(
      kept,
    );
    expect(found.removed.map((one) => one.rule)).toEqual(rules);
  });
});

describe("conversations", () => {
  const reasons = (more: object): unknown => conversationOf(interaction({ id: "a", question: "q", more }));
  it("refuses what cannot be learned from, naming the rule", () => {
    expect(reasons({ status: "error" })).toMatchObject({ reason: expect.stringMatching(/^status: /) });
    expect(reasons({ output: [] })).toMatchObject({ reason: expect.stringMatching(/^no-answer: /) });
    expect(reasons({ output: [{ role: "assistant", content: "x", finish_reason: "length" }] })).toMatchObject(
      { reason: expect.stringMatching(/^cut: /) },
    );
    expect(
      reasons({ messages: [{ role: "user", content: null, parts: [{ type: "image_url" }] }] }),
    ).toMatchObject({ reason: expect.stringMatching(/^parts: /) });
    expect(reasons({ messages: [{ role: "wizard", content: "x" }] })).toMatchObject({
      reason: expect.stringMatching(/^role: /),
    });
    expect(reasons({ messages: [{ role: "system", content: "x" }] })).toMatchObject({
      reason: expect.stringMatching(/^no-question: /),
    });
  });

  it("keeps tool calls with their arguments as an object, and the system prompt once", () => {
    const output = [
      {
        role: "assistant",
        content: null,
        tool_calls: [{ name: "route", arguments: '{"queue":"billing"}' }],
        finish_reason: "tool_calls",
      },
    ];
    expect(
      conversationOf(interaction({ id: "a", question: "q", more: { output, system: "Route the ticket." } })),
    ).toEqual({
      prompt: [
        { role: "system", content: "Route the ticket." },
        { role: "user", content: "q" },
      ],
      answer: {
        role: "assistant",
        content: "",
        tool_calls: [{ type: "function", function: { name: "route", arguments: { queue: "billing" } } }],
      },
    });
  });
});

describe("filters (C2)", () => {
  const screens = {
    length: (text: string) => wordsOf(text).length,
    pii: (text: string) => (text.includes("@") ? { EMAIL: 1 } : {}),
  };
  const rule = (given: Partial<Given>, filters: object): string | undefined => {
    const settings = DatasetDefinition.parse({
      ...defaults("sft"),
      filters: { response: null, ...filters },
    }).filters;
    const [target] = chooseTarget(
      [candidate({ id: "a", question: "q", thumb: 1, ...given })],
      "original",
    ).kept;
    return filterRows([target!], settings, screens).removed[0]?.rule;
  };
  it.each([
    [{ thumb: -1 }, { scoreAbove: 0.5 }, "score"],
    [{ answer: "two words" }, { response: { min: 3, max: 9 } }, "response-short"],
    [{ answer: "one two three four" }, { response: { min: 1, max: 3 } }, "response-long"],
    [{ question: "I am ann@example.org" }, {}, "pii"],
    [{ answer: "well, DARN it" }, { bannedWords: ["darn"] }, "banned-word"],
    [{}, { minRating: 4 }, "rating"],
    [{}, { noHallucination: true }, "hallucination"],
    [{}, { minQuality: 0.8 }, "quality"],
    [
      { more: { metadata: { confidence: 0.7 } } },
      { metadata: { confidence: { min: 0.8 } } },
      "metadata.confidence",
    ],
    [{ more: { metadata: { confidence: 0.9 } } }, { metadata: { confidence: { min: 0.8 } } }, undefined],
    [{}, {}, undefined],
  ] as const)("%j with %j: %s", (given, filters, expected) => expect(rule(given, filters)).toBe(expected));
});

describe("pairs (C7)", () => {
  const settings = PairSettings.parse({ from: ["correction", "rated"] });
  const route = (queue: string, priority: string): string => JSON.stringify({ queue, priority });
  const rows = [
    candidate({
      id: "a",
      question: "q",
      answer: route("billing", "high"),
      corrected: route("billing", "normal"),
    }),
    candidate({ id: "b", question: " q ", answer: route("login", "high"), thumb: 1 }),
    candidate({ id: "c", question: "other", answer: "x", corrected: "x " }),
  ];
  const pairs = offerPairs(rows, settings);

  it("offers corrections, and good against bad answers to one prompt", () => {
    expect(
      pairs
        .map(
          (pair) =>
            `${pair.source} ${pair.chosenRow.row.interaction_id}>${pair.rejectedRow.row.interaction_id} ${pair.margin}`,
        )
        .toSorted(),
    ).toEqual(["correction a>a 1", "correction c>c 1", "rated b>a 1"]);
  });

  it("drops equal texts, and margins under the limit but not at it", () => {
    expect(teachable(pairs, settings).removed.map(({ rule }) => rule)).toEqual(["equal"]);
    const at = pairs.map((pair) => ({ ...pair, margin: 0.7 - 0.5 }));
    expect(teachable(at, settings).removed.map(({ rule }) => rule)).toEqual(["equal"]);
    expect(
      teachable(
        pairs.map((pair) => ({ ...pair, margin: 0.19 })),
        settings,
      ).kept,
    ).toEqual([]);
  });

  it("narrows by members of the answers", () => {
    const only = (where: object): number => wherePairs(pairs, WhereSettings.parse(where)).kept.length;
    expect(only({ answer: { queue: ["billing"] } })).toBe(1);
    expect(only({ differsOnlyIn: ["priority"] })).toBe(1);
    expect(only({ differsOnlyIn: ["priority", "queue"] })).toBe(2);
    expect(only({})).toBe(3);
  });

  it("caps users at a share of the pairs that remain", () => {
    const many = ["u", "u", "u", "u", "u", "u", "u", "u", "v", "w"].map((user, i) =>
      candidate({ id: `${user}${i}`, question: `q${i}`, answer: "x", corrected: "y", user }),
    );
    const kept = perUser(offerPairs(many, settings), { ...settings, maxUserShare: 0.5 }).kept.map(
      (pair) => pair.rejectedRow.row.user_key,
    );
    expect(kept.toSorted()).toEqual(["u", "u", "v", "w"]);
    expect(perUser(offerPairs(many, settings), { ...settings, maxUserShare: 0.005 }).kept).toHaveLength(3);
  });
});

describe("balance (C4)", () => {
  const items = [10, 6, 4].flatMap((count, at) =>
    Array.from({ length: count }, (_, i) => ({ key: `${at}-${i}`, stratum: `s${at}` })),
  );
  const kept = (parts: object): readonly number[] =>
    balance(items, BalanceSettings.parse(parts), 7).strata.map((stratum) => stratum.kept);
  it("takes rows away until the shares hold", () => {
    expect(kept({})).toEqual([4, 4, 4]);
    expect(kept({ shares: { s0: 50, s1: 30, s2: 20 } })).toEqual([10, 6, 4]);
    expect(kept({ shares: { s0: 2, s1: 1 } })).toEqual([10, 5, 0]);
    expect(kept({ total: 12, cap: 3 })).toEqual([3, 3, 3]);
  });
  it("reports what a stratum lacks and repeats nothing", () => {
    expect(balance(items, BalanceSettings.parse({ total: 18 }), 7).strata[2]).toMatchObject({
      wanted: 6,
      kept: 4,
      short: 2,
    });
    expect(kept({ total: 20 })).toEqual([7, 6, 4]);
  });
});

describe("figures", () => {
  it("match their worked values", () => {
    expect(lengthsOf(Array.from({ length: 100 }, (_, i) => i + 1))).toEqual({
      min: 1,
      p50: 50,
      p95: 95,
      max: 100,
      mean: 50.5,
    });
    expect(lengthsOf([])).toMatchObject({ kind: "refused" });
    expect(evenness([1, 1])).toBe(1);
    expect(evenness([3, 1])).toBeCloseTo(0.811, 3);
    expect(evenness([3])).toMatchObject({ kind: "refused" });
    expect(folded("ﬁne \n day ")).toBe("fine day");
    expect(wordsOf('{"queue":"billing"} Don’t!')).toEqual(["queue", "billing", "don’t"]);
    const { split } = defaults("sft");
    expect([0.79, 0.85, 0.95].map((at) => sideAt(at, split))).toEqual(["train", "val", "test"]);
  });

  it("reward adds up what was logged, and is null when nothing was (C8)", () => {
    const steps = [1, 2, 3, 4].map((n) => ({ n }));
    const logged = {
      task_completed: true,
      steps,
      tool_success_rate: 1,
      hallucination_detected: false,
      latency_ms: 2000,
      feedback: [{ kind: "rating", value: 1 }],
    };
    expect(rewardOf(interaction({ id: "a", question: "q", more: logged })).total).toBe(15.5);
    expect(
      rewardOf(
        interaction({
          id: "a",
          question: "q",
          more: { task_completed: false, hallucination_detected: true, latency_ms: 3001 },
        }),
      ).total,
    ).toBe(-6);
    expect(rewardOf(interaction({ id: "a", question: "q" })).total).toBeNull();
  });
});
