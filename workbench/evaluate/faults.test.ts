import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ChatClient } from "../endpoint/client.ts";
import { connect } from "../endpoint/connect.ts";
import { EndpointError } from "../endpoint/error.ts";
import { Config } from "../schema/config.ts";
import { JournalLine, SampleRow } from "../schema/run.ts";
import { realEffects } from "../store/effects.ts";
import type { Arm } from "./arm.ts";
import { chat } from "./chat.ts";
import { evaluate } from "./evaluate.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { fakeAnswer, fakeServer, HOSTILE_MODES, MODES, type Mode } from "./testing/fake-server.ts";
import { tempProject, writeRows } from "./testing/project.ts";

interface Row {
  readonly input: { readonly text: string };
}

const asking = suite("asking", {
  arms: { baseline: "model" },
  data: jsonl<Row>("evals/data/rows.jsonl"),
  task: chat<Row>({ user: (s) => s.input.text }),
  scorers: [exact()],
});

/** All of it with WB_TEST_DEPTH=full: it takes half a minute, on a busy machine some. */
const IS_FULL = process.env["WB_TEST_DEPTH"] === "full";
const SAMPLES = IS_FULL ? 5000 : 120;
const LIMIT_MS = IS_FULL ? 300_000 : 60_000;
const PRICE_USD = 0.001;
/** Long enough that only what hangs is late. On a machine that busy a late reply is lost, and counted as such. */
const DEADLINE_MS = 1500;

/** How a call ended for us: `good` is a whole reply of the model that was asked, within the deadline. */
type Outcome = "good" | "timeout" | "other";

/** A client that writes down, per prompt, how each of its calls ended, in order. */
function recorded(client: ChatClient, outcomes: Map<string, Outcome[]>): ChatClient {
  return {
    ...client,
    chat: async (request, options) => {
      const prompt = request.messages.map(({ content }) => content).join("\n");
      const ended = (outcome: Outcome): void => {
        outcomes.set(prompt, [...(outcomes.get(prompt) ?? []), outcome]);
      };
      try {
        const reply = await client.chat(request, options);
        ended(reply.servedModel === request.model ? "good" : "other");
        return reply;
      } catch (thrown) {
        ended(thrown instanceof EndpointError && thrown.kind === "timeout" ? "timeout" : "other");
        throw thrown;
      }
    },
  };
}

async function linesOf(folder: string, name: string): Promise<readonly unknown[]> {
  const text = await readFile(join(folder, name), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** Every sample ends in exactly one terminal row; a score is of the whole true answer. Gives what the rows cost. */
async function checkRows(folder: string): Promise<number> {
  const rows = (await linesOf(folder, "samples.jsonl")).map((line) => SampleRow.parse(line));
  expect(rows).toHaveLength(SAMPLES);
  expect(new Set(rows.map(({ sampleId }) => sampleId)).size).toBe(SAMPLES);
  for (const { status, output, input, error } of rows) {
    if (status === "scored") expect(output).toBe(fakeAnswer((input as { text: string }).text));
    else expect(error?.code).toMatch(/^(rate-limited|unavailable|timeout|bad-reply|refused)$/);
  }
  const journal = (await linesOf(folder, "events.jsonl")).map((line) => JournalLine.parse(line));
  const ends = journal.filter(({ kind }) => kind === "sample.scored" || kind === "sample.failed");
  expect(ends).toHaveLength(SAMPLES);
  expect(new Set(ends.map(({ key }) => key)).size).toBe(SAMPLES);
  return rows.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
}

/**
 * A prompt whose good reply was received is never asked again. What else the server charged was late: a
 * call of ours ended at its deadline, and nobody can have a reply that did not come. Gives both counts.
 */
function checkAsked(
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
  paid: ReadonlyMap<string, number>,
): { readonly received: number; readonly late: number } {
  let [received, late] = [0, 0];
  for (const [prompt, ended] of outcomes) {
    const good = ended.indexOf("good");
    if (good >= 0) expect(ended.slice(good), prompt).toEqual(["good"]);
    const got = good < 0 ? 0 : 1;
    const unheard = (paid.get(prompt) ?? 0) - got;
    expect(unheard, prompt).toBeGreaterThanOrEqual(0);
    expect(unheard, prompt).toBeLessThanOrEqual(ended.filter((outcome) => outcome === "timeout").length);
    received += got;
    late += unheard;
  }
  return { received, late };
}

test.each([
  { name: "fails in fourteen ways", modes: MODES },
  { name: "is hostile in six more", modes: HOSTILE_MODES },
])(
  "an endpoint that $name at 30 %: one row each, none from a partial reply, no received reply asked for again",
  async ({ modes }: { readonly modes: readonly Mode[] }) => {
    const server = await fakeServer({ latencyMs: 1, faults: { share: 0.3, modes, seed: 1 } });
    const started = performance.now();
    const project = await tempProject();
    await writeRows(project, SAMPLES);
    const config = Config.parse({
      schema: "workbench/config@1",
      project: "faults",
      endpoints: { fake: { kind: "openai", url: `${server.origin}/v1` } },
      models: { model: { endpoint: "fake", model: "model" } },
    });
    const { client } = await connect(config, "model", {}, realEffects);
    const outcomes = new Map<string, Outcome[]>();
    try {
      const arm: Arm = {
        kind: "live",
        name: "baseline",
        model: "model",
        run: null,
        client: recorded(client, outcomes),
        requestModel: "model",
        identity: "fake",
        group: "fake",
        concurrency: null,
        costOf: () => PRICE_USD,
        prices: PRICE_USD,
        deadlineMs: DEADLINE_MS,
      };
      // Waits are a fiftieth: what is measured is the outcome.
      const effects = { ...realEffects, sleep: (ms: number) => realEffects.sleep(ms / 50) };
      const { result, folder, spentUsd } = await evaluate({ project, suite: asking, arms: [arm] }, effects);
      const wallMs = performance.now() - started;
      expect(result.done + result.failed).toBe(SAMPLES);
      expect(result.done).toBeGreaterThan(SAMPLES * 0.5);
      const rowsUsd = await checkRows(folder);
      const { received, late } = checkAsked(outcomes, server.paid);
      // The rows cost what was received, to the sample.
      expect(received).toBe(result.done);
      expect(rowsUsd).toBeCloseTo(received * PRICE_USD, 9);
      expect(spentUsd).toBeCloseTo(received * PRICE_USD, 9);
      expect(wallMs).toBeLessThan(LIMIT_MS);
      if (IS_FULL)
        console.log(
          `${SAMPLES} samples: ${received} answered, ${result.failed} failed, ${late} paid for but late, ${(wallMs / 1000).toFixed(0)} s`,
        );
    } finally {
      await client.close();
      await server.close();
    }
  },
  LIMIT_MS + 60_000,
);
