import { Account, ledgerView } from "../../cost/ledger.ts";
import { outcomeOf } from "../../cost/scenario.ts";
import { medianCase, simulate } from "../../cost/simulate.ts";
import { optionCosts, switchPoints } from "../../cost/switch-points.ts";
import { Scenario } from "../../schema/scenario.ts";
import { isRefused } from "../../stats/refused.ts";
import type { CostPageData } from "../cost-page-data.ts";

/** Data of a cost page, with `text` wherever a name comes from data. */
export function costFixture(text: string): CostPageData {
  const account = new Account();
  account.add({ purpose: "answers", picoUsd: 1_500_000_000_000n, tokens: 900 });
  account.add({ purpose: "failed", picoUsd: null, tokens: 10 });
  const ledger = ledgerView(account.ledger());
  const scenario = Scenario.parse({
    schema: "workbench/scenario@1",
    question: text,
    requestsPerDay: { low: 500, likely: 1000, high: 3000 },
    tokensPerRequest: { input: 900, output: 100 },
    baseline: { kind: "request", usdPerRequest: 0.01 },
    candidate: { kind: "hosted", usdPerHour: 0.1, tokensPerSecond: 900, utilisation: 0.4 },
    options: { [text]: { kind: "logs" } },
    oneOff: { trainingUsd: 100, labellingUsd: 0, evaluationUsd: 0, engineeringUsd: { p10: 100, p90: 900 } },
    upkeepUsdPerMonth: 10,
    retraining: { perYear: 0, usd: 0 },
    draws: 1000,
  });
  const plain = medianCase(scenario);
  const [outcome, simulated] = [outcomeOf(plain), simulate(scenario)];
  if (isRefused(outcome) || isRefused(simulated)) throw new Error("the fixture is whole");
  const blank = { outcome: null, simulated: null, options: [], switchPoints: [], horizonMonths: 24 };
  return {
    report: {
      runs: [
        {
          run: "bbbbbbbbbbbb",
          kind: "eval",
          name: text,
          requests: 5,
          pricedRequests: 4,
          requestUsd: 1.5,
          judgeUsd: null,
          trainingUsd: null,
        },
      ],
      ledger,
      logs: {
        calls: 2,
        days: 1,
        requestsPerDay: 2,
        ledger,
        month: null,
        monthRefused: "1 of 2 calls have no known price",
        segments: [{ agent: text, taskType: null, model: text, requestsPerDay: 2, usdPerMonth: null }],
      },
      odd: [text],
      pricesSha256: "f".repeat(64),
    },
    cases: [
      {
        scenario: "case",
        question: text,
        horizonMonths: 24,
        outcome,
        simulated,
        options: optionCosts(plain),
        switchPoints: switchPoints(plain),
        refused: null,
      },
      { ...blank, scenario: "other", question: "Refused?", refused: text },
    ],
    advice: [
      {
        kind: "exact-repeat",
        where: text,
        calls: 3,
        savingUsdPerMonth: 2,
        lower: null,
        upper: null,
        blank: "2 users are too few for an interval, 10 are needed",
        assumption: text,
        basis: "estimated from logs",
      },
    ],
  };
}
