import { chatChoices, chatMessages } from "./chat.ts";
import type { MessageDraft } from "./message.ts";
import { chatPaths, paths } from "./declared.ts";
import type { Format } from "./format.ts";
import { has, idOf, isRecord, listOf, numberOf, recordOf, textOf } from "./format.ts";

/** Samples of Inspect's evaluation logs. They are test data: tagged so that nothing trains on them. */
export const inspect: Format = {
  name: "inspect-samples",
  version: 3,
  matches: (record) => has(record, "epoch", "messages", "scores", "target"),
  map: (record, note) => {
    const output = recordOf(record["output"]);
    const usage = recordOf(output["usage"]);
    const seconds = numberOf(output["time"]);
    const answers = chatChoices(output["choices"], note);
    const turns = chatMessages(record["messages"], note);
    const error = recordOf(record["error"]);
    const failed = textOf(error["message"]) ?? textOf(output["error"]);
    return {
      interactions: [
        {
          source_id: textOf(record["uuid"]) ?? `${idOf(record["id"])}/${idOf(record["epoch"])}`,
          task_text: textOf(record["input"]),
          model_served: textOf(output["model"]),
          messages: isRepeated(turns.at(-1), answers[0]) ? turns.slice(0, -1) : turns,
          output: answers,
          status: failed !== null ? "error" : isRecord(record["limit"]) ? "cut" : "ok",
          error: failed === null ? null : { code: null, message: failed },
          input_tokens: usage["input_tokens"] ?? null,
          output_tokens: usage["output_tokens"] ?? null,
          cached_tokens: usage["input_tokens_cache_read"] ?? null,
          reasoning_tokens: usage["reasoning_tokens"] ?? null,
          latency_ms: seconds === null ? null : seconds * 1000,
          feedback: Object.entries(recordOf(record["scores"])).map(([label, score]) => ({
            kind: "score",
            label,
            raw: recordOf(score)["value"] ?? null,
            comment: textOf(recordOf(score)["explanation"]),
          })),
          tags: ["evaluation", ...listOf(record["tags"])],
          metadata: record["metadata"] ?? null,
        },
      ],
    };
  },
  fields: {
    ...paths("mapped", "uuid input output metadata tags"),
    "output.usage.total_tokens": "dropped because it is the sum of two others",
    ...paths(
      "extra",
      "id epoch scores target choices store events model_usage total_time working_time attachments error limit sandbox files setup",
    ),
    ...chatPaths("messages[]"),
    ...chatPaths("output.choices[].message"),
  },
};

/** The last message of a sample is its answer once more; one that differs is kept. */
function isRepeated(last: MessageDraft | undefined, answer: MessageDraft | undefined): boolean {
  return last?.["role"] === "assistant" && answer !== undefined && last["content"] === answer["content"];
}
