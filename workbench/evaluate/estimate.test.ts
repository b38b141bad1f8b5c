import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { chat } from "./chat.ts";
import { estimate } from "./estimate.ts";
import { evaluate } from "./evaluate.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { fakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";

interface Row {
  readonly input: { readonly text: string };
  readonly expected: string;
}
const numbers = (maxTokens?: number) =>
  suite("numbers", {
    arms: { baseline: "a" },
    data: jsonl<Row>("evals/data/rows.jsonl"),
    task: chat<Row>({ user: (s) => s.input.text, ...(maxTokens === undefined ? {} : { maxTokens }) }),
    scorers: [exact()],
  });

test("an estimate asks nothing, holds what the run then takes, and knows what is stored", async () => {
  const project = await tempProject();
  await writeRows(project, 20);
  const model = fakeModel();
  const request = { project, suite: numbers(20), arms: [model.arm] };
  const [before] = await estimate(request);
  expect(model.calls()).toBe(0);
  expect(before).toMatchObject({ calls: 20, stored: 0, outputTokens: { high: 400 }, from: null });

  const done = await evaluate({ ...request, select: { limit: 5 } }, realEffects);
  const [after] = await estimate(request);
  expect(after).toMatchObject({ calls: 15, stored: 5, from: done.id, inputTokens: { low: 150 } });
  const rest = await evaluate(request, realEffects);
  expect(rest.spentUsd).toBeGreaterThan(0);
  expect(rest.spentUsd).toBeLessThanOrEqual(after!.costUsd!.high!);
  expect(await estimate(request)).toMatchObject([{ calls: 0, stored: 20, costUsd: { low: 0, high: 0 } }]);
});

test("what nothing bounds has no upper end, and a model without a price no cost", async () => {
  const project = await tempProject();
  await writeRows(project, 3);
  const model = fakeModel();
  const [open] = await estimate({ project, suite: numbers(), arms: [model.arm] });
  expect(open).toMatchObject({ outputTokens: { high: null }, costUsd: { high: null } });
  const unpriced = { ...model.arm, costOf: () => null } as never;
  const [unknown] = await estimate({ project, suite: numbers(20), arms: [unpriced] });
  expect(unknown?.costUsd).toBeNull();
});
