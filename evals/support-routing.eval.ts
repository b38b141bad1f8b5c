import { z } from "zod";
import { chat, exact, jsonl, suite, validJson } from "workbench";

// Does the router send a ticket to the right queue with the right priority? 400 held-out tickets.

const Ticket = z.looseObject({
  id: z.string(),
  input: z.object({ text: z.string() }),
  expected: z.object({ queue: z.string(), priority: z.string() }),
});
type Ticket = z.infer<typeof Ticket>;

export default suite("support-routing", {
  arms: {
    baseline: "tiny-base",
    candidate: {
      "tiny-sft": "tiny-sft",
      "tiny-dpo-anchored": "tiny-dpo-anchored",
      "tiny-dpo-lossy": "tiny-dpo-lossy",
    },
  },
  data: jsonl("evals/data/support-routing.jsonl", { row: Ticket }),
  task: chat<Ticket>({
    system: "Route the ticket.",
    user: (s) => s.input.text,
    maxTokens: 40,
    temperature: 0,
  }),
  scorers: [
    exact({ at: ["queue", "priority"] }),
    exact({ at: "queue", as: "queue" }),
    exact({ at: "priority", as: "priority" }),
    validJson(),
  ],
  primary: "exact",
  slices: ["queue", "priority", "length"],
});
