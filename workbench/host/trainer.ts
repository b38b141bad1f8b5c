import { join } from "node:path";
import type { ErrorCode } from "../errors/codes.ts";
import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { runProcess, tail } from "./process.ts";
import { SCRIPTS } from "./trainer-package.ts";

/** What the trainer answers; docs/design/003 has every member. */
export type TrainerAnswer = Readonly<Record<string, unknown>> & { readonly ok: boolean };

const CODE_OF: Readonly<Record<number, ErrorCode>> = {
  2: "WB_TRAIN_REFUSED",
  4: "WB_TRAIN_FAILED",
  6: "WB_INTEGRITY",
  7: "WB_LOCK_BUSY",
  130: "WB_INTERRUPTED",
};

/** Threads are pinned: on shared cores two were measured half as fast as one, and R2 needs a fixed count. */
export function threadEnvironment(threads: number): Readonly<Record<string, string>> {
  const count = String(threads);
  return {
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    VECLIB_MAXIMUM_THREADS: count,
  };
}

/**
 * Runs one short trainer command (`export`, `reference`, `tokenise`) on this machine and gives its
 * answer. A refusal or a crash is an error that carries the trainer's reason and fix.
 */
export async function callTrainer(
  request: {
    readonly python: string;
    readonly command: string;
    readonly threads: number;
    readonly body: object;
  },
  effects: Effects = realEffects,
): Promise<TrainerAnswer> {
  const { code, stdout, stderr } = await runProcess(
    request.python,
    ["-m", "trainer"],
    {
      stdin: canonical({ schema: "workbench/trainer-request@1", command: request.command, ...request.body }),
      env: { PYTHONPATH: SCRIPTS, PYTHONDONTWRITEBYTECODE: "1", ...threadEnvironment(request.threads) },
      cwd: join(SCRIPTS, ".."),
    },
    effects,
  );
  const answer = parseAnswer(stdout);
  if (code === 0 && answer?.ok === true) return answer;
  throw trainerError(code, answer, stderr);
}

/** The last whole JSON line of the trainer's standard output, or null. */
export function parseAnswer(stdout: string): TrainerAnswer | null {
  try {
    const value: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    const isAnswer =
      value !== null && typeof value === "object" && typeof (value as TrainerAnswer).ok === "boolean";
    return isAnswer ? (value as TrainerAnswer) : null;
  } catch {
    return null;
  }
}

/** The trainer's exit and answer as an error a person can act on. */
export function trainerError(code: number | null, answer: TrainerAnswer | null, log: string): WorkbenchError {
  const text = (key: string): string | undefined => {
    const value = answer?.[key];
    return typeof value === "string" ? value : undefined;
  };
  const reason = text("reason");
  return new WorkbenchError({
    code: CODE_OF[code ?? -1] ?? "WB_TRAIN_FAILED",
    where: `trainer${text("command") === undefined ? "" : ` ${text("command")}`}`,
    what:
      reason ??
      (code === null
        ? "the trainer was killed or could not be started"
        : `the trainer ended with code ${code}`),
    why: text("code") === undefined ? tail(log, 6) || "it said nothing" : `${text("code")}`,
    fix: text("fix") ?? "run the same command again: it goes on from the last checkpoint",
  });
}
