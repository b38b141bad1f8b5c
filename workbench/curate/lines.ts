import type { Pair } from "../schema/dataset.ts";
import { Example } from "../schema/dataset.ts";
import { Pair as PairSchema } from "../schema/dataset.ts";
import type { ChatTurn } from "../schema/dataset.ts";
import { promptKey } from "../select/exact-dedup.ts";
import type { Unit } from "../select/unit.ts";
import { mainRow } from "../select/unit.ts";

/** What a trainer reads, and where it came from. Row i of the JSON Lines is row i of the Parquet. */
export interface DatasetRow {
  readonly example: Example | Pair;
  readonly lineage: Readonly<Record<string, unknown>>;
}

/** The line of a unit and its lineage; `group` is what its split went by. */
export function rowOf(unit: Unit, group: string): DatasetRow {
  const { row } = mainRow(unit);
  const lineage = {
    interaction_id: row.interaction_id,
    row_key: row.row_key,
    import_id: row.import_id,
    line_no: row.line_no,
    conversation_id: row.conversation_id,
    user_key: row.user_key,
    agent: row.agent,
    arm: row.arm,
    task_type: row.task_type,
    split_group: group,
    synthetic: false,
    parents: [],
    reviewer: null,
  };
  return unit.kind === "sft" ? sftRow(unit, lineage) : pairRow(unit, lineage);
}

function sftRow(unit: Extract<Unit, { kind: "sft" }>, lineage: DatasetRow["lineage"]): DatasetRow {
  const { row, target } = unit;
  const tools = toolsOf(row.row.tools);
  return {
    example: Example.parse({ messages: [...row.prompt, target.turn], ...tools }),
    lineage: {
      ...lineage,
      answer_by: target.by,
      score: target.score.value,
      score_explicit: target.score.explicit,
      score_implicit: target.score.implicit,
      score_length: target.score.length,
      score_context: target.score.context,
      reward: row.reward.total,
    },
  };
}

function pairRow(unit: Extract<Unit, { kind: "preference" }>, lineage: DatasetRow["lineage"]): DatasetRow {
  const { pair } = unit;
  const tools = toolsOf(pair.chosenRow.row.tools);
  return {
    example: PairSchema.parse({
      prompt: pair.chosenRow.prompt,
      chosen: [pair.chosen.turn],
      rejected: [pair.rejected.turn],
      ...tools,
    }),
    lineage: {
      ...lineage,
      source: pair.source,
      chosen_interaction_id: pair.chosenRow.row.interaction_id,
      rejected_interaction_id: pair.rejectedRow.row.interaction_id,
      prompt_key: promptKey(pair.rejectedRow),
      chosen_by: pair.chosen.by,
      chosen_score: pair.chosen.score.value,
      rejected_score: pair.rejected.score.value,
      chosen_reward: pair.chosenRow.reward.total,
      rejected_reward: pair.rejectedRow.reward.total,
      margin: pair.margin,
    },
  };
}

function toolsOf(tools: unknown): Readonly<Record<string, unknown>> {
  return Array.isArray(tools) && tools.length > 0 ? { tools: tools as unknown } : {};
}

const TURN = "STRUCT(role VARCHAR, content VARCHAR, name VARCHAR, tool_calls JSON)[]";
const LINEAGE = {
  interaction_id: "VARCHAR",
  row_key: "VARCHAR",
  import_id: "VARCHAR",
  line_no: "BIGINT",
  conversation_id: "VARCHAR",
  user_key: "VARCHAR",
  agent: "VARCHAR",
  arm: "VARCHAR",
  task_type: "VARCHAR",
  split_group: "VARCHAR",
  synthetic: "BOOLEAN",
  parents: "VARCHAR[]",
  reviewer: "VARCHAR",
} as const;

/** Parquet columns by kind, pinned: names and DuckDB types. */
export const COLUMNS = {
  sft: {
    messages: TURN,
    tools: "JSON",
    ...LINEAGE,
    answer_by: "VARCHAR",
    score: "DOUBLE",
    score_explicit: "DOUBLE",
    score_implicit: "DOUBLE",
    score_length: "DOUBLE",
    score_context: "DOUBLE",
    reward: "DOUBLE",
  },
  preference: {
    prompt: TURN,
    chosen: TURN,
    rejected: TURN,
    tools: "JSON",
    ...LINEAGE,
    source: "VARCHAR",
    chosen_interaction_id: "VARCHAR",
    rejected_interaction_id: "VARCHAR",
    prompt_key: "VARCHAR",
    chosen_by: "VARCHAR",
    chosen_score: "DOUBLE",
    rejected_score: "DOUBLE",
    chosen_reward: "DOUBLE",
    rejected_reward: "DOUBLE",
    margin: "DOUBLE",
  },
} as const satisfies Record<Unit["kind"], Readonly<Record<string, string>>>;

/** A chat turn as one line of a card or a diff: role and content. */
export function turnText(turn: ChatTurn): string {
  return `${turn.role}: ${turn.content}`;
}
