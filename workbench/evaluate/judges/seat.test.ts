import { expect, test } from "vitest";
import { EndpointError } from "../../endpoint/error.ts";
import { realEffects } from "../../store/effects.ts";
import type { LiveArm } from "../arm.ts";
import { chat } from "../chat.ts";
import { evaluate } from "../evaluate.ts";
import { jsonl } from "../source.ts";
import { suite } from "../suite.ts";
import { fakeModel, type FakeOptions } from "../testing/fake-client.ts";
import { verdict } from "../testing/fake-judge.ts";
import { tempProject, writeRows } from "../testing/project.ts";
import { rubric } from "./rubric.ts";

interface Row {
  readonly input: { readonly text: string };
}

const COUNT = 60;
const quick = { ...realEffects, sleep: async () => undefined };

async function judged(judge: FakeOptions["answer"], answer?: FakeOptions["answer"]) {
  const project = await tempProject();
  await writeRows(project, COUNT);
  const model = fakeModel({ ...(answer && { answer }) });
  const sits = fakeModel({ name: "judge", concurrency: null, ...(judge && { answer: judge }) });
  const request = {
    project,
    suite: suite("judged", {
      arms: { baseline: "a" },
      data: jsonl<Row>("evals/data/rows.jsonl"),
      task: chat<Row>({ user: (s) => s.input.text, maxTokens: 20 }),
      scorers: [rubric({ judge: "judge", criteria: [{ id: "polite", ask: "Is it polite?" }] })],
    }),
    arms: [model.arm],
    judges: new Map([["judge", sits.arm as LiveArm]]),
  };
  return { request, model, sits };
}

test("arms are asked on while a judge says nothing: it holds none of their calls up", async () => {
  let open = (): void => undefined;
  const allAsked = new Promise<void>((resolve) => (open = resolve));
  let asked = 0;
  const { request, model } = await judged(
    async () => {
      await allAsked; // a judge in a pause, until every answer is there
      return verdict("yes");
    },
    (prompt) => {
      if (++asked === COUNT) open();
      return prompt;
    },
  );
  const { result } = await evaluate(request);
  expect(model.calls()).toBe(COUNT);
  expect(result.metrics["baseline"]).toMatchObject({ rubric: 1, "rubric.n": COUNT });
});

test("a judge that pushes back uses up none of the arms' retries", async () => {
  const busy = (origin: string): EndpointError =>
    new EndpointError({ kind: "rate-limited", origin, what: "too many", status: 429 });
  const failed = new Set<string>();
  const { request } = await judged(
    (_, call) => {
      if (call % 2 === 1) throw busy("http://judge.test");
      return verdict("yes");
    },
    (prompt) => {
      // Every sixth question fails once: within what a run may retry, if nobody else takes of it.
      if (Number(prompt.split(" ")[1]) % 6 === 0 && !failed.has(prompt)) {
        failed.add(prompt);
        throw busy("http://fake.test");
      }
      return prompt;
    },
  );
  const { result } = await evaluate(request, quick);
  expect(failed.size).toBe(10);
  expect(result).toMatchObject({ done: COUNT, failed: 0 });
});
