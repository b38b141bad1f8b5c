import { describe, expect, test } from "vitest";
import { betaComparison } from "./beta-binomial.ts";
import { bootstrap } from "./bootstrap.ts";
import { bootstrapMean } from "./bootstrap-mean.ts";
import { brunnerMunzel } from "./brunner-munzel.ts";
import { clusteredMean } from "./clustered-mean.ts";
import { cohenKappa } from "./cohen-kappa.ts";
import { confidenceSequence } from "./confidence-sequence.ts";
import { cuped } from "./cuped.ts";
import { describe as describeValues } from "./describe.ts";
import { clopperPearson, zeroEventBound } from "./exact-proportion.ts";
import { farringtonManning } from "./farrington-manning.ts";
import { fieller } from "./fieller.ts";
import { fleissKappa } from "./fleiss-kappa.ts";
import { classicBounds, spendingBounds } from "./group-sequential.ts";
import { krippendorffAlpha } from "./krippendorff.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { mcnemarExact } from "./mcnemar.ts";
import { mixtureTest } from "./msprt.ts";
import { holm } from "./multiplicity.ts";
import { nNeeded } from "./n-needed.ts";
import { newcombe } from "./newcombe.ts";
import { pairedCounts } from "./paired-counts.ts";
import { pairedMeanDifference } from "./paired-graded.ts";
import { pairedRatioInterval, pairedRatioTest } from "./paired-ratio.ts";
import { passAt } from "./pass-at.ts";
import { unitsNeeded } from "./power.ts";
import { tUnitsNeeded } from "./power-t.ts";
import { quantileContrast } from "./quantile-contrast.ts";
import { quantileInterval, quantileUpperLimit } from "./quantile-interval.ts";
import { quantile } from "./ranked.ts";
import { ratioByUnit } from "./ratio-by-unit.ts";
import { sampleRatio } from "./sample-ratio.ts";
import { signFlip } from "./sign-flip.ts";
import { tangoInterval, tangoTest } from "./tango.ts";
import { reasonOf } from "./testing/expect-close.ts";
import { welch } from "./welch.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";
import { wilson } from "./wilson.ts";
import { winRate } from "./win-rate.ts";

const none = { both: 0, baselineOnly: 0, candidateOnly: 0, neither: 0 };
const plan = { seed: 1, replicates: 50 };
const twenty = Array.from({ length: 20 }, (_, i) => i);
const standing = {
  n: 100,
  estimate: 0,
  halfWidth: 0.1,
  margin: 0.05,
  alpha: 0.025,
  power: 0.9,
  planned: { n: 100, effect: 0 },
};
const looks = { alpha: 0.025, shape: "pocock", sides: 1 } as const;
const moments = { n: 10, mean: 1, variance: 0 };

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ["Tango of nothing", tangoInterval(none, 0.025), "no pairs"],
  ["Tango with half a pair", tangoInterval({ ...none, both: 0.5 }, 0.025), "whole"],
  ["Tango at alpha ½", tangoInterval({ ...none, both: 5 }, 0.5), "alpha"],
  ["Tango at 0 without discordance", tangoTest({ ...none, both: 5 }, 0), "discordant"],
  ["Tango at 1", tangoTest({ ...none, both: 5 }, 1), "(-1, 1)"],
  ["McNemar without discordance", mcnemarExact({ ...none, both: 5 }), "discordant"],
  ["ratio without success", pairedRatioTest({ ...none, neither: 5 }, 0.9), "no success"],
  [
    "ratio without baseline success",
    pairedRatioInterval({ ...none, candidateOnly: 5 }, 0.025),
    "never succeeds",
  ],
  ["ratio 1 without discordance", pairedRatioTest({ ...none, both: 5 }, 1), "0/0"],
  ["pairs of unequal length", pairedCounts([1, 0], [1]), "differ in length"],
  ["a graded score as yes/no", pairedCounts([0.5], [1]), "not 0/1"],
  ["a NaN as yes/no", pairedCounts([Number.NaN], [1]), "not 0/1"],
  ["0 of 0", wilson(0, 0, 0.025), "no trials"],
  ["5 of 3", clopperPearson(5, 3, 0.025), "not a count"],
  ["zero events of none", zeroEventBound(0, 0.05), "no trials"],
  [
    "Newcombe with an empty arm",
    newcombe({ events: 0, trials: 0 }, { events: 1, trials: 2 }, 0.025),
    "baseline",
  ],
  [
    "Farrington–Manning, all agree at 0",
    farringtonManning({ events: 5, trials: 5 }, { events: 4, trials: 4 }, 0),
    "no variation",
  ],
  ["beta of an empty arm", betaComparison({ events: 0, trials: 0 }, { events: 1, trials: 2 }), "no baseline"],
  ["mean of nothing", clusteredMean({ values: [] }, 0.025), "no values"],
  ["mean of one", clusteredMean({ values: [1] }, 0.025), "at least 2"],
  ["mean with NaN", clusteredMean({ values: [1, Number.NaN] }, 0.025), "not a finite"],
  ["mean with infinity", clusteredMean({ values: [1, Infinity] }, 0.025), "not a finite"],
  ["mean of a constant", clusteredMean({ values: [2, 2, 2] }, 0.025), "equal"],
  [
    "one cluster",
    clusteredMean({ values: [1, 2, 3], clusters: ["a", "a", "a"] }, 0.025),
    "fewer than 2 clusters",
  ],
  ["clusters of another length", clusteredMean({ values: [1, 2], clusters: ["a"] }, 0.025), "cluster names"],
  [
    "scores constant in both arms",
    pairedMeanDifference({ baseline: [1, 1], candidate: [2, 2] }, 0.025),
    "constant in both",
  ],
  ["Welch without spread", welch({ baseline: moments, candidate: moments }, 0.025), "no spread"],
  ["Welch with NaN", welch({ baseline: { ...moments, mean: NaN }, candidate: moments }, 0.025), "not finite"],
  ["Fieller near zero", fieller([-1, 1, 0.5], [1, 2, 3], 0.025), "not clearly different from 0"],
  [
    "ratio by unit, zero requests",
    ratioByUnit({ numerators: [1, 2], denominators: [0, 0] }),
    "positive mean",
  ],
  [
    "CUPED on a constant pre-period",
    cuped({ y: [1, 2], x: [3, 3] }, { y: [1, 2], x: [4, 4] }),
    "does not vary",
  ],
  ["sign flips of zeros", signFlip([0, 0], { seed: 1 }), "all differences are 0"],
  ["Wilcoxon of zeros", wilcoxonSignedRank([0, 0]), "all differences are 0"],
  ["Mann–Whitney of nothing", mannWhitney([], [1]), "no values"],
  [
    "Brunner–Munzel apart",
    brunnerMunzel(
      twenty,
      twenty.map((x) => x + 100),
    ),
    "separation",
  ],
  ["Brunner–Munzel of a constant", brunnerMunzel([1, 1], [1, 1]), "equal"],
  ["bootstrap of a constant", bootstrapMean({ values: [3, 3, 3] }, 0.025, plan), "equal"],
  [
    "bootstrap of one cluster",
    bootstrapMean({ values: [1, 2], clusters: [1, 1] }, 0.025, plan),
    "fewer than 2",
  ],
  [
    "bootstrap of a NaN statistic",
    bootstrap([1, 2], () => Number.NaN, { ...plan, alpha: 0.025 }),
    "not finite",
  ],
  ["bootstrap of a fixed statistic", bootstrap([1, 2], () => 7, { ...plan, alpha: 0.025 }), "does not vary"],
  ["P95 of 20", quantileInterval(twenty, { p: 0.95, alpha: 0.025 }), "unbounded"],
  ["upper P95 of 71", quantileUpperLimit([...Array(71).keys()], { p: 0.95, alpha: 0.025 }), "unbounded"],
  ["quantile of nothing", quantile([], 0.5), "no values"],
  [
    "P95 contrast on 40",
    quantileContrast({
      baseline: { values: [...twenty, ...twenty] },
      candidate: { values: [...twenty, ...twenty] },
      p: 0.95,
      alpha: 0.05,
      seed: 1,
    }),
    "quantile-n",
  ],
  ["κ at chance 1", cohenKappa({ first: [1, 1], second: [1, 1] }, 0.025), "chance agreement is 1"],
  ["κ of nothing", cohenKappa({ first: [], second: [] }, 0.025), "no items"],
  [
    "Fleiss at chance 1",
    fleissKappa([
      [3, 0],
      [3, 0],
    ]),
    "chance agreement is 1",
  ],
  [
    "Fleiss with unequal raters",
    fleissKappa([
      [3, 0],
      [1, 1],
    ]),
    "another number of raters",
  ],
  ["Krippendorff without pairs", krippendorffAlpha([[1, null], [2]], "nominal"), "two ratings"],
  ["Krippendorff on one value", krippendorffAlpha([[1, 1]], "nominal"), "only one value"],
  ["sample ratio of nobody", sampleRatio([0, 0], [0.5, 0.5]), "no units"],
  ["shares that do not sum to 1", sampleRatio([1, 2], [0.5, 0.6]), "sum to 1"],
  ["Holm of nothing", holm([]), "no p values"],
  ["Holm of a NaN", holm([0.1, Number.NaN]), "outside 0 to 1"],
  ["passAt beyond the tries", passAt(1, 3, 4), "only 3 tries"],
  ["win rate of nothing", winRate({ scores: [] }, 0.025), "no trials"],
  ["win rate beyond 1", winRate({ scores: [2] }, 0.025), "outside 0 to 1"],
  [
    "n at the margin",
    unitsNeeded({ alpha: 0.025, power: 0.9, variance: 1, distance: 0 }),
    "beyond the margin",
  ],
  [
    "t plan at the margin",
    tUnitsNeeded(0.9, { alpha: 0.025, distance: 0, deviation: 1, arms: 1 }),
    "beyond the margin",
  ],
  ["n needed of NaN", nNeeded({ ...standing, estimate: Number.NaN }), "not finite"],
  [
    "sequence without spread",
    confidenceSequence({ n: 9, mean: 0, deviation: 0 }, { alpha: 0.025, tightAt: 100 }),
    "do not vary",
  ],
  ["mixture test without looks", mixtureTest([], 1), "no looks"],
  ["looks out of order", classicBounds({ ...looks, fractions: [0.5, 0.4] }), "increase"],
  ["a look too early", spendingBounds({ ...looks, fractions: [0.001, 1] }), "1 %"],
  ["description of nothing", describeValues([]), "no values"],
];

describe("what cannot be computed is refused with a reason", () => {
  for (const [name, result, words] of REFUSED) {
    test(name, () => {
      expect(reasonOf(result)).toContain(words);
    });
  }
});

test("0 of 300 is evidence where 0 of 0 is not", () => {
  expect(wilson(0, 300, 0.025).kind).toBe("estimate");
});
