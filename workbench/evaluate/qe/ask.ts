import type { Task } from "../types.ts";
import { qePrompt } from "./prompt.ts";

/** Raised whenever a prompt changes: answers to other prompts are another arm's. */
const PROMPTS = 2;

/**
 * The QE suite's task: one request with the category's own prompt, greedy.
 * Worked value: `task: qeTask({maxTokens: 2000})` in a suite whose rows are in the QE suite's form.
 */
export function qeTask({ maxTokens = 2000 }: { readonly maxTokens?: number } = {}): Task {
  const task: Task = async ({ input }, call) => {
    const { system, user } = qePrompt(input);
    const messages = [
      { role: "system" as const, content: system },
      { role: "user" as const, content: user },
    ];
    const { text, finishReason } = await call({ messages, temperature: 0, maxTokens });
    return { text, finishReason };
  };
  return Object.assign(task, { plan: { qe: PROMPTS, temperature: 0, maxTokens } });
}
