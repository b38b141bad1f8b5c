import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import type { JobState } from "./host.ts";

/** The answer of `agent.py`: data from a process that may be on another machine. */
const AgentAnswer = z.looseObject({
  ok: z.boolean(),
  reason: z.string().optional(),
  state: z.enum(["absent", "running", "finished", "crashed", "restarted"]).optional(),
  proc: z.looseObject({ pid: z.number().int().positive() }).nullish(),
  heartbeat: z.looseObject({ at: z.string(), pid: z.number().int().positive() }).nullish(),
  exit: z
    .looseObject({
      code: z.number().int(),
      reason: z.string().max(200),
      lastStep: z.number().int().nonnegative(),
    })
    .nullish(),
});

/** Reads the agent's one line of JSON; anything else is a host that does not work (exit 5). */
export function jobState(stdout: string, detail: string, host: string): JobState {
  const answer = parse(stdout);
  if (answer?.ok !== true || answer.state === undefined)
    throw new WorkbenchError({
      code: "WB_TRAIN_FAILED",
      where: `host ${host}`,
      what: "the host could not start or look after the training process",
      why: answer?.reason ?? (detail.trim().split("\n").at(-1) || "it gave no answer"),
      fix: "check the host's Python and its disk, then run the same command again",
    });
  const { exit } = answer;
  return {
    state: answer.state,
    pid: answer.proc?.pid ?? answer.heartbeat?.pid ?? null,
    heartbeatAt: answer.heartbeat?.at ?? null,
    exit: exit ? { code: exit.code, reason: exit.reason, lastStep: exit.lastStep } : null,
  };
}

function parse(stdout: string): z.infer<typeof AgentAnswer> | null {
  try {
    return AgentAnswer.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}
