import type { Source, WhereSettings } from "../schema/dataset-definition.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import type { Candidate } from "./candidate.ts";
import type { Sieved } from "./funnel.ts";
import { sievePairs } from "./pair-limits.ts";
import type { PairCandidate } from "./pairs.ts";
import type { Fired } from "./sieve.ts";
import { sieve } from "./sieve.ts";

/** An empty list asks for nothing. */
function fits(list: readonly string[], value: string | null): boolean {
  return list.length === 0 || (value !== null && list.includes(value));
}

/** Whether a stored row belongs to a source (labels are the reader's business: it knows the imports). */
export function inSource(row: StoredInteraction, source: Source): boolean {
  const at = row.started_at === null ? null : Date.parse(row.started_at);
  const after = source.from === undefined || (at !== null && at >= Date.parse(source.from));
  const before = source.to === undefined || (at !== null && at < Date.parse(source.to));
  return (
    after &&
    before &&
    fits(source.imports, row.import_id) &&
    fits(source.agents, row.agent) &&
    fits(source.arms, row.arm) &&
    fits(source.taskTypes, row.task_type) &&
    fits(source.models, row.model_served ?? row.model_requested) &&
    (source.tags.length === 0 || source.tags.some((tag) => row.tags.includes(tag)))
  );
}

/** `where` on rows; for sft also on the members of the target, read as JSON. */
export function whereRows(candidates: readonly Candidate[], where: WhereSettings): Sieved<Candidate> {
  return sieve(candidates, ({ row, target }) => {
    if (!fits(where.taskTypes, row.task_type)) return outside("task-type", row.task_type);
    if (!fits(where.agents, row.agent)) return outside("agent", row.agent);
    if (where.tags.length > 0 && !where.tags.some((tag) => row.tags.includes(tag)))
      return outside("tags", null);
    return target ? answerFits(target.turn.content, where) : null;
  });
}

/** `where` on pairs: members of the chosen answer, and which members may differ from the rejected one. */
export function wherePairs(pairs: readonly PairCandidate[], where: WhereSettings): Sieved<PairCandidate> {
  return sievePairs(pairs, ({ chosen, rejected }) => {
    const fired = answerFits(chosen.turn.content, where);
    if (fired || where.differsOnlyIn.length === 0) return fired;
    const [a, b] = [jsonObject(chosen.turn.content), jsonObject(rejected.turn.content)];
    if (!a || !b) return { rule: "differs", detail: "an answer is no JSON object" };
    const other = [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .sort()
      .find(
        (name) => !where.differsOnlyIn.includes(name) && JSON.stringify(a[name]) !== JSON.stringify(b[name]),
      );
    return other === undefined
      ? null
      : { rule: "differs", detail: `the answers also differ outside ${where.differsOnlyIn.join(", ")}` };
  });
}

function answerFits(text: string, where: WhereSettings): Fired | null {
  const wanted = Object.entries(where.answer);
  if (wanted.length === 0) return null;
  const answer = jsonObject(text);
  if (!answer) return { rule: "answer", detail: "the answer is no JSON object" };
  for (const [name, values] of wanted) {
    const value = answer[name];
    if (!values.some((one) => one === value))
      return { rule: `answer.${name}`, detail: "its value is not in the list" };
  }
  return null;
}

/** The own members of a JSON object, or null for any other text. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return Object.assign(Object.create(null) as Record<string, unknown>, value);
  } catch {
    return null;
  }
}

function outside(what: string, value: string | null): Fired {
  return { rule: what, detail: value === null ? "not logged" : "not in the list" };
}
