import { join } from "node:path";
import type { ChatClient } from "../../endpoint/client.ts";
import { connect } from "../../endpoint/connect.ts";
import { digestOf } from "../../schema/canonical.ts";
import type { Config } from "../../schema/config.ts";
import type { Interaction } from "../../schema/interaction.ts";
import { findModels, pickModel } from "../../serve/models.ts";
import { startServer } from "../../serve/server.ts";
import { seeded } from "../../stats/random.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Journal } from "../../store/journal.ts";
import { openJournal, readJournal } from "../../store/journal.ts";
import type { Project } from "../../store/paths.ts";
import { ask, makeTickets } from "./tickets.ts";
import type { Ticket } from "./tickets.ts";
import type { Care, Reaction } from "./users.ts";
import { react, withHabits } from "./users.ts";

/** A week of support traffic against one model: who writes, when it starts, how the answers are corrected. */
export interface TrafficPlan {
  readonly label: string;
  /** A model of workbench.config.yaml. */
  readonly model: string;
  readonly seed: string;
  readonly tickets: number;
  readonly users: number;
  readonly care: Care;
  /** 0 is greedy. A little more shows what else the model would say; each ticket has its own seed. */
  readonly temperature: number;
  /** The simulated clock's first instant. */
  readonly startsAt: string;
}

export interface TrafficReport {
  /** The log and the feedback on it, ready to be ingested. */
  readonly files: readonly string[];
  readonly interactions: number;
  readonly reused: boolean;
}

const SECONDS_BETWEEN_TICKETS = 97;

/**
 * Sends every ticket of a plan to the served model and writes down what was asked, what was answered
 * and what the people did with it. Answers are real; people and clock are simulated, so latency is
 * not logged. Each answered ticket is one journal line: a killed run goes on where it stopped.
 */
export async function makeTraffic(
  request: {
    project: Project;
    config: Config;
    plan: TrafficPlan;
    onProgress?: (done: number, total: number) => void;
  },
  effects: Effects = realEffects,
): Promise<TrafficReport> {
  const { project, config, plan } = request;
  const served = pickModel(
    await findModels(project, effects),
    config.models[plan.model]?.model ?? plan.model,
  );
  const identity = { plan, weights: served.model.file.sha256, adapter: served.adapter?.file.sha256 ?? null };
  const folder = join(project.private, "example", `${plan.label}-${digestOf(identity).slice(0, 12)}`);
  const files = [join(folder, "interactions.jsonl"), join(folder, "feedback.jsonl")] as const;
  const sent = withHabits(
    makeTickets({ seed: plan.seed, count: plan.tickets, users: plan.users }),
    seeded(`habits:${plan.seed}`),
  );
  // The second file is written last: where it is, both are whole.
  if (await effects.stat(files[1])) return { files, interactions: sent.length, reused: true };
  await effects.mkdir(folder);
  const journal = await openJournal(join(folder, "events.jsonl"), effects);
  await answerAll({ ...request, sent, journal }, effects);
  await journal.sync();
  const rows = await recorded(join(folder, "events.jsonl"), sent, effects);
  await replaceFile(files[0], rows.map(({ interaction }) => jsonText(interaction)).join(""), effects);
  await replaceFile(files[1], rows.flatMap(({ feedback }) => feedback.map(jsonText)).join(""), effects);
  return { files, interactions: sent.length, reused: false };
}

interface Answering {
  readonly project: Project;
  readonly config: Config;
  readonly plan: TrafficPlan;
  readonly sent: readonly Ticket[];
  readonly journal: Journal;
  readonly onProgress?: (done: number, total: number) => void;
}

async function answerAll(
  { project, config, plan, sent, journal, onProgress }: Answering,
  effects: Effects,
): Promise<void> {
  // One question at a time: what the server logs last is this ticket's call.
  let logged: Interaction | null = null;
  const onInteraction = async (interaction: Interaction): Promise<void> => {
    logged = interaction;
  };
  const server = await startServer({ project, port: 0, onInteraction }, effects);
  const { client, ref } = await connect(config, plan.model, { localOrigin: server.origin }, effects);
  try {
    for (const [at, ticket] of sent.entries()) {
      onProgress?.(at, sent.length);
      if (journal.has(ticket.id)) continue;
      logged = null;
      const text = await send(client, {
        model: ref.model,
        ticket,
        temperature: plan.temperature,
        seed: at + 1,
      });
      const random = seeded(`people:${plan.seed}:${ticket.id}`);
      const data = record({
        ticket,
        plan,
        at,
        logged,
        reactions: react(ticket, text, { care: plan.care, random }),
      });
      await journal.append({ kind: "ticket.answered", key: ticket.id, data });
    }
  } finally {
    await client.close();
    await server.close();
  }
}

interface Sending {
  readonly model: string;
  readonly ticket: Ticket;
  readonly temperature: number;
  readonly seed: number;
}

async function send(client: ChatClient, { ticket, ...sampling }: Sending): Promise<string> {
  const reply = await client.chat({ ...sampling, messages: ask(ticket.text), maxTokens: 40 });
  return reply.text;
}

interface Recorded {
  readonly interaction: unknown;
  readonly feedback: readonly unknown[];
}

interface Happened {
  readonly ticket: Ticket;
  readonly plan: TrafficPlan;
  readonly at: number;
  readonly logged: Interaction | null;
  readonly reactions: readonly Reaction[];
}

/** The log records of one ticket, on the simulated clock. */
function record({ ticket, plan, at, logged, reactions }: Happened): Recorded {
  if (logged === null) throw new Error(`the server did not log the call for ${ticket.id}`);
  const asked = new Date(Date.parse(plan.startsAt) + at * SECONDS_BETWEEN_TICKETS * 1000);
  const later = (seconds: number): string => new Date(asked.getTime() + seconds * 1000).toISOString();
  const interaction = {
    ...logged,
    interaction_id: null,
    source_id: ticket.id,
    conversation_id: ticket.conversation,
    user_key: ticket.user,
    agent: "support-router",
    arm: plan.model,
    task_type: "route",
    task_text: ticket.text,
    started_at: later(0),
    ended_at: null,
    latency_ms: null,
    ttft_ms: null,
    task_completed: reactions.length === 0 ? null : reactions.every(({ kind }) => kind !== "correction"),
  };
  return {
    interaction,
    feedback: reactions.map((reaction, i) =>
      feedbackOn(ticket, reaction, { at: later(reaction.afterSeconds), i }),
    ),
  };
}

function feedbackOn(ticket: Ticket, reaction: Reaction, { at, i }: { at: string; i: number }): unknown {
  return {
    schema: "workbench/feedback@1",
    feedback_id: `${ticket.id}-${i}`,
    target: {
      interaction_id: null,
      format: "workbench",
      source_id: ticket.id,
      trace_id: null,
      conversation_id: ticket.conversation,
    },
    kind: reaction.kind,
    value: reaction.value,
    reason: reaction.reason,
    explicit: reaction.explicit,
    corrected_text: reaction.corrected,
    correction_kind: reaction.corrected === null ? null : "factual",
    rater: ticket.user,
    occurred_at: at,
  };
}

async function recorded(
  path: string,
  sent: readonly Ticket[],
  effects: Effects,
): Promise<readonly Recorded[]> {
  const { lines } = await readJournal(path, effects);
  const byKey = new Map(lines.map(({ key, data }) => [key, data as Recorded]));
  return sent.map(({ id }) => {
    const found = byKey.get(id);
    if (!found) throw new Error(`no answer was recorded for ${id}`);
    return found;
  });
}
