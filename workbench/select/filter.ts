import type { FilterSettings } from "../schema/dataset-definition.ts";
import type { Answer, Candidate } from "./candidate.ts";
import { answersOf } from "./candidate.ts";
import type { Sieved } from "./funnel.ts";
import type { Fired } from "./sieve.ts";
import { sieve } from "./sieve.ts";
import { wordsOf } from "./text.ts";

/** What the filters need from outside this module: both are pure. */
export interface Screens {
  /** Length of a text in the unit of `response`: words, or tokens of the target model. */
  readonly length: (text: string) => number;
  /** Kinds of personal data or secrets still found in a text, with their counts. */
  readonly pii: (text: string) => Readonly<Record<string, number>>;
}

type Judge = (candidate: Candidate) => Fired | null;

/** C2: every filter that the settings ask for, in this order; the first that fires removes the row. */
export function filterRows(
  candidates: readonly Candidate[],
  settings: FilterSettings,
  screens: Screens,
): Sieved<Candidate> {
  const judges: readonly Judge[] = [
    scoreAbove(settings),
    responseLength(settings, screens),
    logged(settings),
    metadata(settings),
    banned(settings),
    pii(settings, screens),
  ];
  return sieve(candidates, (candidate) => {
    for (const judge of judges) {
      const fired = judge(candidate);
      if (fired) return fired;
    }
    return null;
  });
}

/** A preference row passes with its best answer: its worst is what makes it useful. */
function best(candidate: Candidate): Answer {
  return answersOf(candidate).reduce((a, b) => (b.score.value > a.score.value ? b : a));
}

function scoreAbove({ scoreAbove: limit }: FilterSettings): Judge {
  return (candidate) => {
    const { value } = best(candidate).score;
    if (limit === null || limit === undefined || value > limit) return null;
    return { rule: "score", detail: `score ${round(value)} is not above ${limit}` };
  };
}

function responseLength({ response }: FilterSettings, { length }: Screens): Judge {
  if (response === null) return () => null;
  const unit = response.tokenizer === undefined ? "words" : "tokens";
  return (candidate) => {
    for (const { turn } of answersOf(candidate)) {
      if (turn["tool_calls"] !== undefined && turn.content === "") continue;
      const size = length(turn.content);
      if (size < response.min)
        return {
          rule: "response-short",
          detail: `the answer has ${size} ${unit}, at least ${response.min} are asked`,
        };
      if (size > response.max)
        return {
          rule: "response-long",
          detail: `the answer has ${size} ${unit}, at most ${response.max} are allowed`,
        };
    }
    return null;
  };
}

function logged({ noHallucination, minRating, minQuality }: FilterSettings): Judge {
  return ({ row }) => {
    if (noHallucination && row.hallucination_detected !== false)
      return {
        rule: "hallucination",
        detail: `hallucination_detected is ${row.hallucination_detected ?? "not logged"}`,
      };
    const rating = row.feedback
      .flatMap((signal) => (signal.kind === "rating" && signal.value !== null ? [2 * signal.value + 3] : []))
      .sort((a, b) => a - b)[0];
    if (minRating !== undefined && (rating ?? 0) < minRating)
      return {
        rule: "rating",
        detail: `the lowest rating is ${rating ?? "not there"}, at least ${minRating} is asked`,
      };
    if (minQuality !== undefined && (row.output_quality ?? -1) < minQuality)
      return { rule: "quality", detail: `output_quality is ${row.output_quality ?? "not logged"}` };
    return null;
  };
}

function metadata(settings: FilterSettings): Judge {
  const wanted = Object.entries(settings.metadata);
  return ({ row }) => {
    for (const [name, { min, max }] of wanted) {
      const all = row.metadata as Readonly<Record<string, unknown>> | null;
      const value =
        all !== null && typeof all === "object" && Object.hasOwn(all, name) ? all[name] : undefined;
      const good = typeof value === "number" && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
      if (!good)
        return {
          rule: `metadata.${name}`,
          detail: `it is ${typeof value === "number" ? value : "no number"}`,
        };
    }
    return null;
  };
}

function banned({ bannedWords }: FilterSettings): Judge {
  const words = new Set(bannedWords.flatMap((word) => wordsOf(word)));
  if (words.size === 0) return () => null;
  return (candidate) => {
    const texts = [...candidate.prompt, ...answersOf(candidate).map((answer) => answer.turn)];
    const found = texts.flatMap((turn) => wordsOf(turn.content)).find((word) => words.has(word));
    return found === undefined ? null : { rule: "banned-word", detail: "a word of the list occurs" };
  };
}

function pii({ noPii }: FilterSettings, { pii: found }: Screens): Judge {
  if (!noPii) return () => null;
  return (candidate) => {
    const turns = [...candidate.prompt, ...answersOf(candidate).map((answer) => answer.turn)];
    for (const turn of turns) {
      const kinds = Object.keys(found(turn.content)).sort();
      if (kinds.length > 0) return { rule: "pii", detail: `${kinds.join(", ")} left in a ${turn.role} turn` };
    }
    return null;
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
