import { WorkbenchError } from "../../errors/error.ts";

/** The prompt must leave room for at least one token. */
export function fits(promptIds: readonly number[], contextTokens: number): void {
  if (promptIds.length > 0 && promptIds.length < contextTokens) return;
  throw new WorkbenchError({
    code: "WB_USAGE",
    what: `the prompt has ${promptIds.length} tokens; this model takes 1 to ${contextTokens - 1}`,
    fix: "shorten the messages",
  });
}
