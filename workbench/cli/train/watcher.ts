import type { TrainProgress } from "../../train/progress.ts";
import type { Output, Progress } from "../output.ts";

/** Shows a training on its way: a bar for steps, a line for remarks. */
export interface Watcher {
  readonly onProgress: (progress: TrainProgress) => void;
  readonly end: () => void;
}

export function watcher(out: Output): Watcher {
  let bar: Progress | null = null;
  const end = (): void => {
    bar?.end();
    bar = null;
  };
  const onProgress = (progress: TrainProgress): void => {
    if (progress.note !== undefined) {
      end();
      out.note(progress.note);
      return;
    }
    const { step = 0, totalSteps = null, loss, evalLoss, tokensPerS } = progress;
    bar ??= out.progress("training", totalSteps);
    const figures = [
      loss == null ? "" : `loss ${loss.toFixed(4)}`,
      evalLoss == null ? "" : `validation ${evalLoss.toFixed(4)}`,
      tokensPerS == null ? "" : `${Math.round(tokensPerS)} tokens/s`,
    ];
    bar.update(step, figures.filter(Boolean).join("  "));
  };
  return { onProgress, end };
}
