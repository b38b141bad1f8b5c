import { findEntities } from "../find.ts";
import { HARD_CASES } from "./hard-cases.ts";
import { labelledSet } from "./labelled.ts";

/** How one kind of entity fared. A value counts as found when nothing of it is left in the text. */
export interface Fared {
  readonly kind: string;
  readonly values: number;
  readonly found: number;
  readonly lookalikes: number;
  /** Look-alikes in which anything was replaced, as whatever kind. */
  readonly replaced: number;
  readonly missed: readonly string[];
  readonly wrong: readonly string[];
}

interface Case {
  readonly kind: string;
  readonly text: string;
  readonly value: string | null;
}

/** Recall and false alarms of each kind over the generated set, or over the cases written by hand. */
export function measure(set: "generated" | "hard", each = 200): readonly Fared[] {
  const cases: readonly Case[] =
    set === "hard"
      ? HARD_CASES
      : labelledSet(each).map(({ kind, text, value, isEntity }) => ({
          kind,
          text,
          value: isEntity ? value : null,
        }));
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = cases.filter((one) => one.kind === kind);
    const there = own.filter((one) => one.value !== null);
    const lookalikes = own.filter((one) => one.value === null);
    const missed = there.filter((one) => !isGone(one));
    const wrong = lookalikes.filter(({ text }) => findEntities(text).length > 0);
    return {
      kind,
      values: there.length,
      found: there.length - missed.length,
      lookalikes: lookalikes.length,
      replaced: wrong.length,
      missed: missed.map(({ text }) => text),
      wrong: wrong.map(({ text }) => text),
    };
  });
}

/** Found as whatever kind: what matters is that all of it goes. */
function isGone({ text, value }: Case): boolean {
  const start = text.indexOf(value ?? "");
  const end = start + (value ?? "").length;
  return findEntities(text).some((entity) => entity.start <= start && entity.end >= end);
}
