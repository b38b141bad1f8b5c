import { seeded, type Random } from "../../stats/random.ts";
import { asides, closings, cues, issues, openings, slots } from "./wording.ts";

export type Queue = keyof typeof issues;
export type Priority = keyof typeof cues;

/** One invented support request, with the right answer. */
export interface Ticket {
  readonly id: string;
  readonly user: string;
  readonly conversation: string;
  readonly text: string;
  readonly queue: Queue;
  readonly priority: Priority;
}

/** Share of tickets that only imply how urgent they are. */
const IMPLIED = 0.46;

export const queues = Object.keys(issues) as readonly Queue[];
export const priorities = Object.keys(cues) as readonly Priority[];

/** The system message of every example chat: short, because each token of it is paid on every call. */
export const systemPrompt = "Route the ticket.";

/**
 * The answer the router must give, as canonical text.
 *
 * Worked value: `answer("billing", "high")` is `{"tool":"route","queue":"billing","priority":"high"}`.
 */
export function answer(queue: Queue, priority: Priority): string {
  return JSON.stringify({ tool: "route", queue, priority });
}

/** The two messages that ask for a route. */
export function ask(text: string): readonly { readonly role: "system" | "user"; readonly content: string }[] {
  return [
    { role: "system", content: systemPrompt },
    { role: "user", content: text },
  ];
}

/**
 * `count` tickets from `users` people, the same for the same seed on every machine; no text occurs twice.
 * Queue and priority are uniform and independent.
 */
export function makeTickets(plan: {
  readonly seed: string | number;
  readonly count: number;
  readonly users: number;
}): readonly Ticket[] {
  const random = seeded(`tickets:${plan.seed}`);
  const seen = new Set<string>();
  const tickets: Ticket[] = [];
  while (tickets.length < plan.count) {
    const [queue, priority] = [pick(random, queues), pick(random, priorities)];
    const said = chance(random, IMPLIED) ? "implied" : "direct";
    const text = write(random, issues[queue], cues[priority][said]);
    if (seen.has(text)) continue;
    seen.add(text);
    const id = `${plan.seed}-${String(tickets.length + 1).padStart(5, "0")}`;
    const user = `user-${String(random.below(plan.users) + 1).padStart(3, "0")}`;
    tickets.push({ id: `ticket-${id}`, user, conversation: `conversation-${id}`, text, queue, priority });
  }
  return tickets;
}

/** An issue and a cue in either order, sometimes with a greeting, an aside or a closing around them. */
function write(random: Random, about: readonly string[], urgency: readonly string[]): string {
  const [issue, cue] = [pick(random, about), pick(random, urgency)];
  const core = chance(random, 0.7) ? [issue, cue] : [cue, issue];
  if (chance(random, 0.08)) core.splice(random.below(3), 0, pick(random, asides));
  if (chance(random, 0.4)) core.unshift(pick(random, openings));
  if (chance(random, 0.25)) core.push(pick(random, closings));
  return core.map((part) => fill(random, part)).join(" ");
}

/** Replace each `{slot}` by one of its words; a sentence starts with a capital. */
function fill(random: Random, sentence: string): string {
  const text = sentence.replace(/\{(\w+)\}/g, (whole, slot: string) => pick(random, slots[slot] ?? [whole]));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const chance = (random: Random, probability: number): boolean => random.uniform() < probability;

function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random.below(from.length)];
  if (chosen === undefined) throw new RangeError("pick: an empty list has no element");
  return chosen;
}
