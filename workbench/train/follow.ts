import { WorkbenchError } from "../errors/error.ts";
import type { Host, JobState } from "../host/host.ts";
import { parseAnswer, trainerError } from "../host/trainer.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { TrainProgress } from "./progress.ts";
import { metricLines, progressOf } from "./progress.ts";

interface Watch {
  readonly host: Host;
  readonly runId: string;
  /** A copy of the host's `metrics.jsonl` to let grow; null only watches. */
  readonly copyTo: string | null;
  readonly totalSteps: number;
  readonly onProgress: (progress: TrainProgress) => void;
}

const LOOK_MS = 200;
/** Asking for the state starts a process: less often than reading the file. */
const LOOKS_PER_POLL = 5;

/** Reports the run's events as they come and waits for its end; gives the last state. */
export async function follow(watch: Watch, effects: Effects = realEffects): Promise<JobState> {
  let at = watch.copyTo === null ? 0 : ((await effects.stat(watch.copyTo))?.size ?? 0);
  /** Reads what is new; true once the trainer has written its last event. */
  const look = async (): Promise<boolean> => {
    let ended = false;
    for (;;) {
      const piece = await watch.host.events(watch.runId, at);
      if (piece.text === "") return ended;
      if (watch.copyTo !== null) await effects.append(watch.copyTo, piece.text);
      at = piece.nextByte;
      for (const line of metricLines(piece.text)) {
        ended ||= line.kind === "train.end";
        const progress = progressOf(line, watch.totalSteps);
        if (progress) watch.onProgress(progress);
      }
    }
  };
  let ended = false;
  for (let looks = 1; ; looks++) {
    ended = (await look()) || ended;
    if (ended || looks % LOOKS_PER_POLL === 0) {
      const state = await watch.host.poll(watch.runId);
      if (state.state !== "running") {
        await look();
        return state;
      }
    }
    await effects.sleep(ended ? LOOK_MS / 4 : LOOK_MS);
  }
}

/** Nothing, when the run ended well; else the error that says how it ended and what to do. */
export async function assertFinished(host: Host, runId: string, state: JobState): Promise<void> {
  if (state.state === "finished" && state.exit?.code === 0) return;
  const { answer, log } = await host.lastWords(runId);
  const said = parseAnswer(answer);
  if (state.exit) throw trainerError(state.exit.code, said, log);
  if (said && !said.ok) throw trainerError(2, said, log);
  const error = trainerError(null, said, log);
  throw new WorkbenchError({
    code: "WB_TRAIN_FAILED",
    where: `host ${host.name}`,
    what:
      state.state === "restarted"
        ? "the machine was restarted while the run was going on"
        : "the trainer ended without saying why: it was killed, or ran out of memory",
    ...(error.why === undefined ? {} : { why: error.why }),
    fix: "run the same command again: it goes on from the last checkpoint",
  });
}
