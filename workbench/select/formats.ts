import type { ChatTurn, Example, Pair } from "../schema/dataset.ts";
import type { Refused } from "../stats/refused.ts";
import { refused } from "../stats/refused.ts";

type Row = Example | Pair;
type Line = Readonly<Record<string, unknown>>;

/** Turns a row into a line of another tool's format; refused when that format cannot hold it. */
export type Format = (row: Row) => Line | Refused;

/** Where each shape is described; read on 2026-11. */
export const FORMATS = {
  /** TRL conversational prompt/completion: https://huggingface.co/docs/trl/dataset_formats */
  "prompt-completion": promptCompletion,
  /** LLaMA-Factory, alpaca: https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md */
  alpaca,
  /** LLaMA-Factory, sharegpt: the same page. */
  sharegpt,
  /** OpenAI chat fine-tuning and preference lines: https://developers.openai.com/api/docs/guides */
  openai,
} as const satisfies Readonly<Record<string, Format>>;

function parts(row: Row): { readonly prompt: readonly ChatTurn[]; readonly answers: readonly ChatTurn[] } {
  return isPair(row)
    ? { prompt: row.prompt, answers: [...row.chosen, ...row.rejected] }
    : { prompt: row.messages.slice(0, -1), answers: row.messages.slice(-1) };
}

function isPair(row: Row): row is Pair {
  return "chosen" in row;
}

function promptCompletion(row: Row): Line | Refused {
  if (isPair(row)) return refused("a pair has two completions");
  const { prompt, answers } = parts(row);
  return { prompt, completion: answers, ...toolsOf(row) };
}

function alpaca(row: Row): Line | Refused {
  const { prompt, answers } = parts(row);
  if (hasTools(row)) return refused("alpaca has no place for tools");
  const turns = prompt.filter((turn) => turn.role !== "system");
  const asked = turns.at(-1);
  const before = turns.slice(0, -1);
  const alternates = before.every((turn, at) => turn.role === (at % 2 === 0 ? "user" : "assistant"));
  if (asked?.role !== "user" || before.length % 2 !== 0 || !alternates)
    return refused("alpaca wants questions and answers in turn");
  const history = before.flatMap((turn, at) =>
    at % 2 === 0 ? [[turn.content, before[at + 1]?.content ?? ""]] : [],
  );
  const [first, second] = answers;
  return {
    instruction: asked.content,
    input: "",
    ...(isPair(row)
      ? { chosen: first?.content ?? "", rejected: second?.content ?? "" }
      : { output: first?.content ?? "" }),
    system: systemOf(prompt),
    history,
  };
}

function sharegpt(row: Row): Line | Refused {
  const { prompt, answers } = parts(row);
  const turns = [...prompt.filter((turn) => turn.role !== "system"), ...(isPair(row) ? [] : answers)];
  const said = turns.map(sharegptTurn);
  if (said.includes(null) || answers.some((turn) => sharegptTurn(turn) === null))
    return refused("a turn has text and tool calls, or several calls");
  const [first, second] = answers;
  return {
    conversations: said,
    ...(isPair(row) && first && second
      ? { chosen: sharegptTurn(first), rejected: sharegptTurn(second) }
      : {}),
    system: systemOf(prompt),
    tools: JSON.stringify(toolsOf(row)["tools"] ?? []),
  };
}

function sharegptTurn(turn: ChatTurn): Line | null {
  const calls = callsOf(turn);
  if (calls.length === 0)
    return {
      from: { user: "human", assistant: "gpt", tool: "observation", system: "system" }[turn.role],
      value: turn.content,
    };
  return calls.length > 1 || turn.content !== ""
    ? null
    : { from: "function_call", value: JSON.stringify(calls[0]) };
}

/** OpenAI wants arguments as text, and an id that a tool turn answers to. */
function openai(row: Row): Line {
  const { prompt, answers } = parts(row);
  const turns = openaiTurns([...prompt, ...answers]);
  const asked = turns.slice(0, prompt.length);
  const [first, second] = turns.slice(prompt.length);
  const tools = toolsOf(row);
  if (isPair(row))
    return {
      input: { messages: asked, ...tools, ...("tools" in tools ? { parallel_tool_calls: true } : {}) },
      preferred_output: [first],
      non_preferred_output: [second],
    };
  return { messages: [...asked, { ...first, weight: 1 }], ...tools };
}

function openaiTurns(turns: readonly ChatTurn[]): readonly Line[] {
  let made = 0;
  let answered = 0;
  return turns.map(({ role, content, ...turn }) => {
    if (role === "tool") return { role, content, tool_call_id: `call_${++answered}` };
    const calls = callsOf({ role, content, ...turn }).map((call) => ({
      id: `call_${++made}`,
      type: "function",
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    return { role, content, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  });
}

interface Call {
  readonly name: string;
  readonly arguments: unknown;
}

function callsOf(turn: ChatTurn): readonly Call[] {
  const calls = turn["tool_calls"] as readonly { readonly function: Call }[] | undefined;
  return (calls ?? []).map((call) => call.function);
}

function hasTools(row: Row): boolean {
  const { prompt, answers } = parts(row);
  return (
    "tools" in row || [...prompt, ...answers].some((turn) => turn.role === "tool" || callsOf(turn).length > 0)
  );
}

function toolsOf(row: Row): Line {
  return row["tools"] === undefined ? {} : { tools: row["tools"] };
}

function systemOf(prompt: readonly ChatTurn[]): string {
  return prompt.find((turn) => turn.role === "system")?.content ?? "";
}
