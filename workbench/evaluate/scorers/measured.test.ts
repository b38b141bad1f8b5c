import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../endpoint/connect.ts";
import { Config } from "../../schema/config.ts";
import type { ScoreContext } from "../types.ts";
import { fromAutoevals } from "./from-autoevals.ts";
import { perplexity } from "./perplexity.ts";
import { cosine, learnCutoff, similarity } from "./similarity.ts";

/** An endpoint that embeds a text as the counts of its letters a, b and c. */
async function embedder(wrong?: object): Promise<{ context: ScoreContext; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(`${request.url} ${body}`);
      const { input, model } = JSON.parse(body) as { input: string; model: string };
      const embedding = ["a", "b", "c"].map((letter) => input.split(letter).length - 1);
      response.writeHead(200, { "content-type": "application/json" });
      const whole = { object: "list", model, data: [{ index: 0, embedding }], usage: { prompt_tokens: 3 } };
      response.end(JSON.stringify(wrong ?? whole));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const config = Config.parse({
    schema: "workbench/config@1",
    project: "test",
    endpoints: { it: { kind: "openai", url } },
    models: { embed: { endpoint: "it", model: "embed-1" } },
  });
  const { client } = await connect(config, "embed", { asks: "embeddings" });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { context: { judge: (request) => client.chat({ ...request, model: "embed-1" }) }, bodies };
}

test("similarity: cosine of what the endpoint gives, the nearest reference, a cut-off", async () => {
  const { context, bodies } = await embedder();
  const it = { output: "a", expected: ["b", "aaabbbb"] };
  expect(await similarity({ model: "embed" })(it, context)).toEqual({
    value: 0.6,
    evidence: { cosine: 0.6 },
  });
  expect(bodies[0]).toBe('/v1/embeddings {"model":"embed-1","input":"a","encoding_format":"float"}');
  const value = async (cutoff: number) => (await similarity({ model: "embed", cutoff })(it, context)).value;
  expect([await value(0.6), await value(0.61)]).toEqual([1, 0]);
  expect((await similarity({ model: "embed" })({ output: "x", expected: "a" }, context)).value).toBeNull();
  expect((await similarity({ model: "embed" })({ output: "a" }, context)).value).toBeNull();
  const broken = await embedder({ data: [{ embedding: ["1"] }] });
  await expect(async () => similarity({ model: "embed" })(it, broken.context)).rejects.toThrow("no vector");
});

test("cosine is symmetric, bounded, and 1 of a vector with itself", () => {
  const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      const [one, other] = [cosine(a, b), cosine(b, a)];
      expect(one).toBe(other);
      if (one !== null) expect(Math.abs(one)).toBeLessThanOrEqual(1);
    }),
  );
  expect(cosine([1, 2], [2, 4])).toBeCloseTo(1, 12);
  expect(cosine([1, 0], [3, 4])).toBe(0.6);
  expect([cosine([0, 0], [1, 1]), cosine([1], [1, 2])]).toEqual([null, null]);
});

test("the learnt cut-off is the one that tells most pairs apart", () => {
  const pair = (value: number, same: boolean) => ({ cosine: value, same });
  expect(learnCutoff([pair(0.9, true), pair(0.7, true), pair(0.5, false)])).toBeCloseTo(0.6, 12);
  expect(learnCutoff([pair(0.9, true)])).toBeNull();
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ cosine: fc.integer({ min: -9, max: 9 }).map((n) => n / 10), same: fc.boolean() }),
        { minLength: 2 },
      ),
      (pairs) => {
        const found = learnCutoff(pairs);
        if (found === null) return;
        const j = (cutoff: number): number => {
          const share = (same: boolean): number => {
            const of = pairs.filter((one) => one.same === same);
            return of.filter((one) => one.cosine >= cutoff).length / of.length;
          };
          return share(true) - share(false);
        };
        // No other cut-off does better.
        for (const { cosine: at } of pairs) expect(j(found)).toBeGreaterThanOrEqual(j(at) - 1e-12);
      },
    ),
  );
});

test("perplexity is of the set, not a mean; bits per byte; nothing given is unscored", async () => {
  const scorer = perplexity();
  const one = await scorer({ output: "", columns: { logProb: -2, tokens: 4, bytes: 8 } });
  const two = await scorer({ output: "", columns: { logProb: -6, tokens: 4, bytes: 8 } });
  expect(one.value).toBeCloseTo(1.6487, 4);
  expect(scorer.corpus?.([one, two])).toBeCloseTo(Math.E, 12);
  const none = await scorer({ output: "text" });
  expect(none.value).toBeNull();
  expect(scorer.corpus?.([one, none])).toBeCloseTo(1.6487, 4);
  expect(scorer.corpus?.([])).toBeNull();
  const bits = perplexity({ unit: "bitsPerByte" });
  expect(
    (await bits({ output: "", columns: { logProb: -8 * Math.LN2, tokens: 2, bytes: 4 } })).value,
  ).toBeCloseTo(2, 12);
  expect((await bits({ output: "", columns: { logProb: -2, tokens: 2 } })).value).toBeNull();
  expect((await scorer({ output: "", columns: { logProb: 3, tokens: 2 } })).value).toBeNull();
});

test("autoevals fit: a score, none, and another version is another scorer", async () => {
  const half = fromAutoevals(({ output }) => ({ name: "x", score: output === "" ? null : 0.5 }), {
    as: "half",
    version: 1,
  });
  expect([half.metric, (await half({ output: "a" })).value, (await half({ output: "" })).value]).toEqual([
    "half",
    0.5,
    null,
  ]);
  expect(fromAutoevals(() => ({ name: "x", score: 1 }), { as: "half", version: 2 }).sha256).not.toBe(
    half.sha256,
  );
});
