import { describe, expect, it } from "vitest";
import { answer, makeTickets, priorities, queues } from "./tickets.ts";

const words = (text: string): number => text.split(/\s+/).length;

describe("makeTickets", () => {
  const tickets = makeTickets({ seed: 7, count: 1200, users: 60 });

  it("gives the same tickets for the same seed, others for another", () => {
    expect(makeTickets({ seed: 7, count: 50, users: 60 })).toEqual(tickets.slice(0, 50));
    expect(makeTickets({ seed: 8, count: 50, users: 60 }).map((t) => t.text)).not.toEqual(
      tickets.slice(0, 50).map((t) => t.text),
    );
  });

  it("never repeats a text or an id", () => {
    expect(new Set(tickets.map((t) => t.text)).size).toBe(1200);
    expect(new Set(tickets.map((t) => t.id)).size).toBe(1200);
  });

  it("is mostly short, with some long tickets, and leaves no slot open", () => {
    const long = tickets.filter((t) => words(t.text) >= 20).length / tickets.length;
    expect(long).toBeGreaterThan(0.03);
    expect(long).toBeLessThan(0.25);
    expect(tickets.filter((t) => t.text.includes("{"))).toEqual([]);
  });

  it("covers each queue and priority about equally", () => {
    for (const queue of queues)
      expect(Math.abs(tickets.filter((t) => t.queue === queue).length - 150)).toBeLessThan(50);
    for (const priority of priorities)
      expect(Math.abs(tickets.filter((t) => t.priority === priority).length - 600)).toBeLessThan(80);
  });

  it("answers in canonical JSON", () => {
    expect(answer("billing", "high")).toBe('{"tool":"route","queue":"billing","priority":"high"}');
  });
});
