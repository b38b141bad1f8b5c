import { join } from "node:path";
import { sha256 } from "../../schema/canonical.ts";
import { JudgeCard, type JudgeInRun } from "../../schema/judge.ts";
import type { SampleRow } from "../../schema/run.ts";
import type { Effects } from "../../store/effects.ts";
import { readAs } from "../../store/read-json.ts";
import type { Project } from "../../store/paths.ts";
import type { OpenArm } from "../arm.ts";
import type { Suite } from "../suite.ts";
import { areKin } from "./kinship.ts";
import { seatOf, type Judges } from "./seat.ts";
import { judgeTally } from "./tally.ts";

export interface FoundCard {
  readonly card: JudgeCard;
  /** Of the file's bytes. */
  readonly sha256: string;
}

/** The cards of a project, by the digest of the scorer they are about. */
export async function readCards(project: Project, effects: Effects): Promise<ReadonlyMap<string, FoundCard>> {
  const folder = join(project.evals, "judges");
  const found = new Map<string, FoundCard>();
  for (const name of await effects.list(folder)) {
    if (!name.endsWith(".card.json")) continue;
    const path = join(folder, name);
    const card = await readAs(JudgeCard, path, effects);
    found.set(card.scorer, { card, sha256: sha256(await effects.read(path)) });
  }
  return found;
}

/** Gathers, row by row, what a result says of its judges. */
export function judgesInRun(
  suite: Suite,
  judges: Judges,
  cards: ReadonlyMap<string, FoundCard>,
  arms: readonly OpenArm[],
): { readonly visit: (row: SampleRow) => void; readonly end: () => readonly JudgeInRun[] } {
  const judged = suite.scorers.flatMap((scorer) => {
    const judge = judges.get(seatOf(scorer) ?? "");
    return judge && scorer.asks === undefined ? [{ scorer, judge, tally: judgeTally() }] : [];
  });
  return {
    visit: ({ scores }) => {
      for (const { scorer, tally } of judged) tally.visit(scores[scorer.metric]);
    },
    end: () =>
      judged.map(({ scorer, judge, tally }) => {
        const found = cards.get(scorer.sha256);
        return {
          scorer: scorer.metric,
          model: judge.model,
          sha256: scorer.sha256,
          card: found?.sha256 ?? null,
          kappaLower: found?.card.kappaLower ?? null,
          attackRate: found?.card.attacks.rate ?? null,
          advisory: found?.card.advisory ?? ["it has no card: nobody has measured this judge"],
          kinship: arms.filter((arm) => isKin(arm, judge)).map(({ name }) => name),
          ...tally.figures(),
        };
      }),
  };
}

function isKin(arm: OpenArm, judge: { readonly model: string; readonly requestModel: string }): boolean {
  const names = arm.kind === "live" ? [arm.requestModel] : [arm.model];
  return names.some((name) => areKin(name, judge.requestModel));
}
