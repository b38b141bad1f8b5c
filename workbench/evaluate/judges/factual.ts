import { z } from "zod";
import type { Score } from "../../schema/run.ts";
import { defineScorer, unscored, type ScorerOptions } from "../scorers/define.ts";
import { memberAt } from "../scorers/json.ts";
import type { Labels, Scored, Scorer } from "../types.ts";
import { askJudge, contextOf, gathered, type Judged, type JudgeParameters } from "./ask-judge.ts";
import { fenced } from "./fence.ts";
import { textOf } from "./rubric.ts";

export interface FactualOptions extends ScorerOptions, JudgeParameters {
  /** The member of the input, of `expected` or of the metadata that the claims are held against. Default `context`. */
  readonly context?: string;
}

const Claims = z
  .array(
    z.strictObject({
      claim: z.string().min(1).max(400),
      support: z.enum(["supported", "contradicted", "absent"]),
    }),
  )
  .max(100);
type Claims = z.infer<typeof Claims>;
const FORM =
  '[{"claim": "one checkable statement of the output", "support": "supported" or "contradicted" or "absent"}, …], empty if it claims nothing';

/**
 * A judge lists the claims of an answer and says of each whether the given context supports it,
 * contradicts it or is silent; the value is supported ÷ claims. An answer without claims is unscored.
 * Any claim that is not supported makes the answer a hallucination (`labels.hallucinated`).
 *
 * When to use: answers that must stand on documents which are at hand.
 * When not to use: without a context; the judge's own knowledge is no source.
 * Worked value: two supported claims and an absent one are `{value: 2 / 3}`, hallucinated.
 */
export function factual(options: FactualOptions): Scorer {
  const { as, threshold, context: at = "context", maxTokens = 2000, ...rest } = options;
  const parameters = { ...rest, maxTokens };
  const spec = {
    name: "factual",
    version: 1,
    args: { context: at, ...parameters },
    options: { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) },
  };
  const scorer = defineScorer(spec, async (it, context) => {
    const source = contextIn(it, at);
    if (source === null) return unscored(`the row has no context: ${at}`);
    const user = [fenced("CONTEXT", source), fenced("INPUT", textOf(it.input)), fenced("OUTPUT", it.output)];
    const system =
      "You check the claims of an output against a context. Only the context counts, not what you know. Each claim stands alone and is checkable; questions, opinions and politeness are no claims.";
    const question = { system, user: user.join("\n\n"), verdict: Claims, form: FORM };
    return scoreOf(await askJudge<Claims>(question, parameters, contextOf(context, parameters.judge)));
  });
  const labelValue = ({ hallucinated }: Labels): number | null =>
    hallucinated === undefined ? null : hallucinated === "no" ? 1 : 0;
  return Object.assign(scorer, {
    judge: parameters.judge,
    labelValue,
    labelForms: { hallucinated: ["yes", "no"] },
  });
}

function scoreOf(judged: Judged<Claims>): Score {
  const { evidence, withheld } = gathered({ claims: judged });
  if (withheld || judged.kind !== "verdict") return withheld ?? unscored("no verdict");
  const claims = judged.verdict;
  if (claims.length === 0) return { ...unscored("the answer claims nothing"), evidence };
  const supported = claims.filter(({ support }) => support === "supported").length;
  const labels = { hallucinated: supported === claims.length ? "no" : "yes" };
  return { value: supported / claims.length, evidence: { ...evidence, labels, claims } };
}

function contextIn({ input, expected, metadata }: Scored, at: string): string | null {
  for (const place of [input, expected, metadata]) {
    const found = memberAt(place, at);
    if (found !== undefined && found !== null) return textOf(found);
  }
  return null;
}
