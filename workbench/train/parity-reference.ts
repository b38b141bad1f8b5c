import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import type { TrainerAnswer } from "../host/trainer.ts";

const Ids = z.array(z.number().int().nonnegative());

const Reference = z.looseObject({
  prompts: z.array(
    z.looseObject({
      promptIds: Ids,
      ids: Ids,
      text: z.string(),
      finish: z.enum(["stop", "length"]),
      logprobs: z.array(z.number()),
    }),
  ),
  texts: z.array(Ids),
});

/** What torch answers to the probes, as the trainer's `reference` command gives it (docs/design/003). */
export type ReferenceAnswers = z.infer<typeof Reference>;

export function readReference(answer: TrainerAnswer): ReferenceAnswers {
  const read = Reference.safeParse(answer);
  if (read.success) return read.data;
  throw new WorkbenchError({
    code: "WB_EXPORT_PARITY",
    what: "the trainer's reference answers cannot be read",
    why: read.error.issues[0]?.message ?? "they have another shape",
    fix: "use the trainer that came with this version",
  });
}
