import { describe, expect, it } from "vitest";
import { Decision } from "../schema/decision.ts";
import { compare } from "./compare.ts";
import { pairedRows, policy } from "./testing/rows.ts";

const GSM8K = { both: 222, baselineOnly: 64, candidateOnly: 293, neither: 740 };
const plan = (evidence: ReturnType<typeof pairedRows>, more: object = {}) => ({
  evidence,
  policy: policy(more),
  seed: 7,
  context: [],
  training: null,
});

describe("compare", () => {
  it("reads the gsm8k counts as 0.1736, Tango 0.1474…0.2004, go", () => {
    const it = compare(plan(pairedRows(GSM8K)));
    const primary = it.effects[0]!;
    expect(primary.estimator).toBe("tango@1");
    expect(primary.estimate).toBeCloseTo(0.1736, 4);
    expect(primary.lower).toBeCloseTo(0.1474, 4);
    expect(primary.upper).toBeCloseTo(0.2004, 4);
    expect(it.verdict).toBe("go");
    expect(it.reasons).toEqual(["superior"]);
    expect(it.flips).toMatchObject({ fixed: 293, broken: 64, bothRight: 222, bothWrong: 740 });
    expect(it.flips.worst).toHaveLength(10);
  });

  it("refuses a winner that breaks its guardrail", () => {
    const it = compare(
      plan(
        pairedRows(
          { both: 170, baselineOnly: 40, candidateOnly: 138, neither: 52 },
          { both: 342, baselineOnly: 57, candidateOnly: 1, neither: 0 },
        ),
      ),
    );
    expect(it.verdict).toBe("no-go");
    expect(it.reasons[0]).toBe("guardrail-breached:queue");
  });

  it("never lets a model win against itself", () => {
    const it = compare(plan(pairedRows({ both: 700, baselineOnly: 0, candidateOnly: 0, neither: 300 })));
    expect(it.verdict).toBe("inconclusive");
  });

  it("gives the same bytes for the same plan, valid against the schema", () => {
    const one = compare(plan(pairedRows(GSM8K)));
    expect(JSON.stringify(compare(plan(pairedRows(GSM8K))))).toBe(JSON.stringify(one));
    const { computed } = Decision.shape;
    const keys = {
      health: true,
      effects: true,
      slices: true,
      flips: true,
      cost: true,
      verdict: true,
    } as const;
    expect(computed.pick(keys).safeParse(one).success).toBe(true);
  });
});
