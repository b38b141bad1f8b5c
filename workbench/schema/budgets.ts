import { z } from "zod";

const usd = z.number().positive();

/** What a project may spend. Days and months are UTC. */
export const Budgets = z.strictObject({
  /** The most that one evaluation run may cost. */
  run: z.strictObject({ usd }).optional(),
  /** Everything that the workbench's own calls and trainings cost in a day, and in a month. */
  day: z.strictObject({ usd }).optional(),
  month: z.strictObject({ usd }).optional(),
  /** By the agent's name in the logs. The workbench is not in their way: it reports, and a gateway stops. */
  agents: z
    .record(z.string(), z.strictObject({ dayUsd: usd.optional(), monthUsd: usd.optional() }))
    .default({}),
});
export type Budgets = z.infer<typeof Budgets>;
