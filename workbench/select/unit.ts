import type { ChatTurn } from "../schema/dataset.ts";
import type { Answer, Candidate } from "./candidate.ts";
import type { PairCandidate } from "./pairs.ts";

/** A row of a dataset: an example or a pair, with all that its lineage says. */
export type Unit =
  | {
      readonly kind: "sft";
      readonly key: string;
      readonly row: Candidate;
      readonly target: Answer;
      readonly members: readonly Candidate[];
    }
  | {
      readonly kind: "preference";
      readonly key: string;
      readonly pair: PairCandidate;
      readonly members: readonly Candidate[];
    };

export function rowUnit(row: Candidate): Unit {
  if (row.target === null) throw new Error(`row ${row.key} has no target`);
  return { kind: "sft", key: row.key, row, target: row.target, members: [row] };
}

export function pairUnit(pair: PairCandidate): Unit {
  const { chosenRow, rejectedRow } = pair;
  const members = chosenRow === rejectedRow ? [rejectedRow] : [chosenRow, rejectedRow];
  return { kind: "preference", key: pair.key, pair, members };
}

/** The interaction that a unit is counted under: of a pair, the one whose answer is rejected. */
export function mainRow(unit: Unit): Candidate {
  return unit.kind === "sft" ? unit.row : unit.pair.rejectedRow;
}

/** The answer that is learned: the target, or the chosen one. */
export function goodAnswer(unit: Unit): Answer {
  return unit.kind === "sft" ? unit.target : unit.pair.chosen;
}

export function promptOf(unit: Unit): readonly ChatTurn[] {
  return unit.kind === "sft" ? unit.row.prompt : unit.pair.chosenRow.prompt;
}
