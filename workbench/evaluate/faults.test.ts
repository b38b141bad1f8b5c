import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "../endpoint/connect.ts";
import { Config } from "../schema/config.ts";
import { SampleRow } from "../schema/run.ts";
import { realEffects } from "../store/effects.ts";
import type { Arm } from "./arm.ts";
import { chat } from "./chat.ts";
import { evaluate } from "./evaluate.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { fakeAnswer, fakeServer, MODES } from "./testing/fake-server.ts";
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

/** All of it with WB_TEST_DEPTH=full: it takes minutes. */
const IS_FULL = process.env["WB_TEST_DEPTH"] === "full";
const SAMPLES = IS_FULL ? 5000 : 120;
const LIMIT_MS = IS_FULL ? 600_000 : 60_000;

test(
  "an endpoint that fails in fourteen ways at 30 %: one row each, none from a partial reply, nothing paid twice",
  async () => {
    const server = await fakeServer({ latencyMs: 1, faults: { share: 0.3, modes: MODES, seed: 1 } });
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
    try {
      const arm: Arm = {
        kind: "live",
        name: "baseline",
        model: "model",
        run: null,
        client,
        requestModel: "model",
        identity: "fake",
        group: "fake",
        concurrency: null,
        costOf: () => 0.001,
        prices: 0.001,
        // Long enough that only what hangs is late, also on a busy machine: a late answer is paid for.
        deadlineMs: IS_FULL ? 5000 : 1500,
      };
      // Waits are a fiftieth: what is measured is the outcome.
      const effects = { ...realEffects, sleep: (ms: number) => realEffects.sleep(ms / 50) };
      const done = await evaluate({ project, suite: asking, arms: [arm] }, effects);
      expect(done.result.done + done.result.failed).toBe(SAMPLES);
      const rows = (await readFile(join(done.folder, "samples.jsonl"), "utf8")).trimEnd().split("\n");
      const seen = new Set<string>();
      for (const line of rows) {
        const row = SampleRow.parse(JSON.parse(line));
        seen.add(row.sampleId);
        if (row.status === "scored")
          expect(row.output).toBe(fakeAnswer((row.input as { text: string }).text));
        else expect(row.error?.code).toMatch(/rate-limited|unavailable|timeout|bad-reply|refused/);
      }
      expect(seen.size).toBe(SAMPLES);
      // What the server charged is what the rows say, to the sample.
      expect([...server.paid.values()].every((times) => times === 1)).toBe(true);
      expect(server.paid.size).toBe(done.result.done);
      expect(done.spentUsd).toBeCloseTo(server.paid.size * 0.001, 9);
      expect(done.result.done).toBeGreaterThan(SAMPLES * 0.5);
      const wallMs = performance.now() - started;
      expect(wallMs).toBeLessThan(LIMIT_MS);
      if (IS_FULL)
        console.log(
          `${SAMPLES} samples: ${done.result.done} answered, ${done.result.failed} failed, ${server.paid.size} paid for, ${(wallMs / 1000).toFixed(0)} s`,
        );
    } finally {
      await client.close();
      await server.close();
    }
  },
  LIMIT_MS,
);
