import { jsonl, mean, passAt, passHat, recorded, recordedScore, suite } from "workbench";

// 50 airline tasks, each tried four times by gpt-4o: a task is a sample, a trial an epoch, and 84 of
// the 200 trials succeed. Trials of one task are not independent, so they are reduced first.

interface Trial {
  readonly task_id: number;
  readonly trial: number;
  readonly info: { readonly task: { readonly instruction: string } };
  readonly traj: readonly { readonly role: string; readonly content: string | null }[];
}

const FILE = "real-data:tau-bench/gpt-4o-airline.json.gz";

export default suite("tau-bench", {
  arms: {
    candidate: {
      "gpt-4o": recorded(FILE, {
        output: (row: Trial) => row.traj.findLast(({ role }) => role === "assistant")?.content ?? "",
        key: "task_id",
        sampleKey: (sample: { readonly input: { readonly task: number } }) => sample.input.task,
        epoch: (row: Trial) => row.trial + 1,
        columns: { reward: "reward" },
      }),
    },
  },
  data: jsonl(FILE, {
    // The file holds each task four times: its first trial stands for the task.
    map: ({ task_id, trial, info }: Trial) =>
      trial === 0
        ? {
            label: `task ${task_id}`,
            input: { task: task_id, instruction: info.task.instruction },
            expected: null,
          }
        : null,
  }),
  scorers: [recordedScore("reward")],
  epochs: {
    count: 4,
    reduce: {
      reward: [mean(), ...[1, 2, 3, 4].map((k) => passHat(k)), ...[1, 2, 3, 4].map((k) => passAt(k))],
    },
  },
  cluster: (sample) => String(sample.input.task),
});
