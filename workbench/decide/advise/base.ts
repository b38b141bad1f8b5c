import { percent, type Answer, type Facts } from "./facts.ts";

const WITHIN_POINTS = 0.05;

/** The cheapest of those that do as well as the best, where that was measured. */
export function base({ bases, untrained }: Facts): Answer {
  const known = untrained.filter(({ success }) => success !== null);
  const bySize = [...bases].sort((a, b) => a.bytes - b.bytes);
  const reasons = [
    ...known.map(
      ({ arm, success, usdPerThousand }) =>
        `${arm}: ${percent(success ?? 0)}, ${usdPerThousand === null ? "cost not known" : `$${usdPerThousand.toFixed(4)} per 1,000`}`,
    ),
    ...bySize.map(({ name, bytes }) => `${name} is here, ${(bytes / 1e6).toFixed(1)} MB`),
  ];
  if (known.length < 2)
    return {
      question: "base",
      answer: bySize[0]
        ? `cannot tell; begin with the smallest, ${bySize[0].name}`
        : "cannot tell: no base is here",
      reasons,
      missing: [
        "one eval run with two or more untrained models on your own suite: size is no proof of skill",
      ],
      next: "workbench eval <suite> --arm baseline=<model> --arm candidate=<model>",
    };
  const best = Math.max(...known.map(({ success }) => success ?? 0));
  const near = known.filter(({ success }) => (success ?? 0) >= best - WITHIN_POINTS);
  const isPriced = near.every(({ usdPerThousand }) => usdPerThousand !== null);
  const cheapest = near.toSorted((a, b) => (a.usdPerThousand ?? 0) - (b.usdPerThousand ?? 0))[0];
  const top = known.find(({ success }) => success === best);
  return {
    question: "base",
    answer:
      isPriced || near.length === 1
        ? `${cheapest?.arm ?? ""}: the cheapest within ${WITHIN_POINTS * 100} points of the best, ${percent(best)}`
        : `${top?.arm ?? ""} is the best, ${percent(best)}; which of the ${near.length} near it is cheapest is not known`,
    reasons,
    missing: isPriced ? [] : ["the price of every model compared"],
    next: "set it as base.model in a recipe",
  };
}
