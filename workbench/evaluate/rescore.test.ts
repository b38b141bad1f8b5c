import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EndpointError } from "../endpoint/error.ts";
import { realEffects } from "../store/effects.ts";
import { chat } from "./chat.ts";
import { evaluate } from "./evaluate.ts";
import { storedOutputs } from "./rescore.ts";
import { contains } from "./scorers/contains.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { fakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";
import type { Scorer } from "./types.ts";

interface Row {
  readonly input: { readonly text: string };
}

const SAMPLES = 60;
const asking = (scorer: Scorer) =>
  suite("asking", {
    arms: { baseline: "a", candidate: "b" },
    data: jsonl<Row>("evals/data/rows.jsonl"),
    task: chat<Row>({ user: (s) => s.input.text }),
    scorers: [scorer],
    epochs: { count: 2 },
  });

test("a finished run's answers, of every arm and repeat, are scored again without a call", async () => {
  const project = await tempProject();
  await writeRows(project, SAMPLES);
  // Longer than a block of the reader, so that answers are read again from the disk.
  const long = "x".repeat(5000);
  const models = ["baseline", "candidate"].map((name) =>
    fakeModel({
      name,
      group: name,
      answer: (prompt) => {
        if (prompt.endsWith(" 7")) throw new EndpointError({ kind: "refused", origin: name, what: "no" });
        return `${name} answers ${prompt} ${long}`;
      },
    }),
  );
  const first = await evaluate({ project, suite: asking(exact()), arms: models.map(({ arm }) => arm) });
  const calls = models.map((model) => model.calls());

  const outputs = await storedOutputs(project, first.id, realEffects);
  const arms = Object.entries(outputs).map(([name, recorded]) => ({
    kind: "recorded" as const,
    name,
    model: recorded.of?.model ?? "",
    run: null,
    recorded,
  }));
  const again = await evaluate({
    project,
    suite: asking(contains({ phrases: ["candidate answers"] })),
    arms,
  });
  expect(models.map((model) => model.calls())).toEqual(calls);
  expect(again.result).toMatchObject({ planned: 4 * SAMPLES, done: 4 * (SAMPLES - 1), failed: 4 });
  expect(again.result.metrics["baseline"]).toMatchObject({ contains: 0 });
  expect(again.result.metrics["candidate"]).toMatchObject({ contains: 1 });
  const rows = async (folder: string): Promise<readonly unknown[]> =>
    (await readFile(join(folder, "samples.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map(({ sampleId, arm, epoch, output, latencyMs, inputTokens, costUsd }) => ({
        ...{ sampleId, arm, epoch, output, latencyMs, inputTokens, costUsd },
      }));
  expect(await rows(again.folder)).toEqual(await rows(first.folder));
});
