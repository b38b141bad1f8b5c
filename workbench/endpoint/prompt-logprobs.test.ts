import { expect, test } from "vitest";
import { EndpointError } from "./error.ts";
import { PROMPT_LOGPROBS } from "./prompt-logprobs.ts";

const read = (choice: object, promptTokens: number | null = 3): unknown =>
  JSON.parse(
    PROMPT_LOGPROBS.readWhole(
      { model: "m", choices: [choice], usage: { prompt_tokens: promptTokens, completion_tokens: 1 } },
      "http://x.test",
    ).text,
  );

test("an echo's log-probabilities are added up without the first token and without what was generated", () => {
  expect(read({ logprobs: { token_logprobs: [null, -1, -2.5, -9] } })).toEqual({ logProb: -3.5, tokens: 2 });
});

test("vLLM's prompt_logprobs, where each position holds the prompt's own token alone", () => {
  const own = (logprob: number) => ({ 7: { logprob, rank: 2 } });
  expect(read({ prompt_logprobs: [null, own(-1), own(-2.5)] })).toEqual({ logProb: -3.5, tokens: 2 });
  const beside = { ...own(-1), 9: { logprob: -0.1, rank: 1 } };
  expect(() => read({ prompt_logprobs: [null, beside, own(-2.5)] })).toThrow(EndpointError);
});

test("no log-probabilities, too few, of one token, or impossible ones are refused, never a figure", () => {
  for (const choice of [
    {},
    { logprobs: null },
    { logprobs: { content: [{ token: "a", logprob: -1 }] } }, // a chat's, of its own reply
    { logprobs: { token_logprobs: [-9] } }, // no echo: of the generated token only
    { logprobs: { token_logprobs: [null, -1, null, -9] } },
    { logprobs: { token_logprobs: [null, 0.5, -1, -9] } },
  ])
    expect(() => read(choice), JSON.stringify(choice)).toThrow(EndpointError);
  expect(() => read({ logprobs: { token_logprobs: [null, -9] } }, 1)).toThrow(/perplexity/);
  expect(() => read({ logprobs: { token_logprobs: [null, -1, -2] } }, null)).toThrow(EndpointError);
});
