import type { Random } from "../../stats/random.ts";
import { answer } from "./tickets.ts";
import type { Priority, Ticket } from "./tickets.ts";

/**
 * Who corrects the answers: hurried users, who misread some wordings of how urgent a ticket is;
 * careful leads, who are right; or the people of one desk, who are careful too, but take every
 * security ticket for one of their own (account), because that is where they have always worked.
 */
export type Care = "hurried" | "careful" | "one-desk";

/** What one person did after reading an answer: an event, and how many seconds after it. */
export interface Reaction {
  readonly kind: "correction" | "thumb" | "accepted";
  readonly afterSeconds: number;
  readonly value: number;
  readonly reason: string;
  readonly explicit: boolean;
  readonly corrected: string | null;
}

/**
 * How a simulated person reacts to an answer. They see the text and know the ticket: a wrong answer is
 * corrected, a right one is used at once (implicit, +0.6) and sometimes thanked for (explicit, +1).
 * The same random stream gives the same reactions.
 */
export function react(
  ticket: Ticket,
  text: string,
  { care, random }: { care: Care; random: Random },
): readonly Reaction[] {
  // Every draw is made for every ticket, so that one answer cannot shift the reactions to the next.
  const [silent, thanks, misjudges] = [0.03, 0.4, 0.35].map((share) => random.uniform() < share);
  if (silent) return [];
  const wanted = believed(ticket, care, misjudges ?? false);
  if (text === wanted)
    return [
      event("accepted", 2, { value: 0.6, reason: "next action in under 3 s" }),
      ...(thanks ? [event("thumb", 9, { value: 1, reason: "thumb up" })] : []),
    ];
  return [event("correction", 41, { value: -0.5, reason: "corrected text", corrected: wanted })];
}

function believed(ticket: Ticket, care: Care, misjudges: boolean): string {
  const isTaken = care === "one-desk" && ticket.queue === "security";
  const priority = care === "hurried" && misjudges ? otherThan(ticket.priority) : ticket.priority;
  return answer(isTaken ? "account" : ticket.queue, priority);
}

function otherThan(priority: Priority): Priority {
  return priority === "high" ? "normal" : "high";
}

function event(
  kind: Reaction["kind"],
  afterSeconds: number,
  { value, reason, corrected = null }: { value: number; reason: string; corrected?: string | null },
): Reaction {
  return { kind, afterSeconds, value, reason, explicit: kind !== "accepted", corrected };
}

/**
 * What people really send: now and then a ticket comes twice, and now and then it holds an address
 * that a log must not keep. Both are decided by the stream, so the traffic is the same each time.
 */
export function withHabits(tickets: readonly Ticket[], random: Random): readonly Ticket[] {
  return tickets.flatMap((ticket) => {
    const [repeats, signs] = [random.uniform() < 0.02, random.uniform() < 0.03];
    const address = `${ticket.user.replace("-", ".")}${ticket.id.slice(-3)}@mail.example.com`;
    const sent = signs ? { ...ticket, text: `${ticket.text} Reach me at ${address}.` } : ticket;
    if (!repeats) return [sent];
    return [sent, { ...sent, id: `${ticket.id}-again`, conversation: `${ticket.conversation}-again` }];
  });
}
