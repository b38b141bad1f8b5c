import type { LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";

/** How to continue a prompt. */
export interface Sampling {
  readonly maxTokens: number;
  /** 0 is greedy: the answer is then a function of model, adapter and prompt. */
  readonly temperature: number;
  /** 1 is off. */
  readonly topP: number;
  /** 0 is off. */
  readonly topK: number;
  readonly minP: number;
  readonly seed: number;
  readonly stop: readonly string[];
  /** How many alternatives to give with each token (greedy only); null gives none. */
  readonly topLogprobs: number | null;
}

export interface TokenLogprob {
  readonly id: number;
  readonly text: string;
  /** Natural logarithm. */
  readonly logprob: number;
  readonly top: readonly { readonly id: number; readonly text: string; readonly logprob: number }[];
}

export interface Generation {
  readonly text: string;
  readonly ids: readonly number[];
  readonly finish: "stop" | "length";
  readonly promptTokens: number;
  /** What the model produced, its end-of-turn token included. */
  readonly outputTokens: number;
  readonly logprobs: readonly TokenLogprob[] | null;
}

export interface Job {
  readonly promptIds: readonly number[];
  readonly sampling: Sampling;
  /** Called with each new piece of final text; the pieces joined are `text`. */
  readonly onText?: ((piece: string) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one step gives; the distribution is there when it was asked for. */
interface Step {
  readonly token: Token;
  readonly probabilities?: ReadonlyMap<Token, number>;
}

/**
 * Continues a prompt from an empty sequence: one prompt a batch, no prefix of an earlier request,
 * so that no float depends on what was asked before.
 */
export async function generate(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  job: Job,
): Promise<Generation> {
  const { promptIds, sampling } = job;
  const cutter = new TextCutter(model, sampling.stop);
  const logprobs: TokenLogprob[] | null = sampling.topLogprobs === null ? null : [];
  const eager = job.onText !== undefined || sampling.stop.length > 0;
  const limit = Math.min(sampling.maxTokens, sequence.contextSize - promptIds.length);
  let ended = false;
  await sequence.clearHistory();
  const tokens: AsyncIterable<Step> = sequence.evaluateWithMetadata(
    [...promptIds] as Token[],
    { probabilities: logprobs !== null },
    {
      temperature: sampling.temperature,
      topP: sampling.topP,
      topK: sampling.topK,
      minP: sampling.minP,
      seed: sampling.seed,
      yieldEogToken: true,
    },
  );
  for await (const { token, probabilities } of tokens) {
    job.signal?.throwIfAborted();
    logprobs?.push(logprobOf(model, token, { probabilities, top: sampling.topLogprobs ?? 0 }));
    ended = model.isEogToken(token);
    if (!ended) cutter.push(token);
    if (eager) {
      const piece = cutter.take();
      if (piece !== "") await job.onText?.(piece);
    }
    if (ended || cutter.stopped || cutter.ids.length >= limit) break;
  }
  const rest = cutter.finish();
  if (rest !== "") await job.onText?.(rest);
  return {
    text: cutter.text,
    ids: cutter.ids,
    finish: ended || cutter.stopped ? "stop" : "length",
    promptTokens: promptIds.length,
    outputTokens: cutter.ids.length + (ended ? 1 : 0),
    logprobs,
  };
}

/** Tokens to text: holds back what later tokens may still change, and cuts at the first stop text. */
class TextCutter {
  readonly ids: Token[] = [];
  readonly model: LlamaModel;
  readonly stop: readonly string[];
  text = "";
  stopped = false;

  constructor(model: LlamaModel, stop: readonly string[]) {
    this.model = model;
    this.stop = stop.filter((text) => text !== "");
  }

  push(token: Token): void {
    this.ids.push(token);
  }

  /** Text that no later token can change, since the last call. */
  take(): string {
    if (this.stopped) return "";
    // A character cut in the middle of its bytes decodes to U+FFFD until the rest has come.
    const whole = this.model.detokenize(this.ids).replace(/\ufffd+$/u, "");
    return this.advance(whole, whole.length - heldBack(whole, this.stop));
  }

  finish(): string {
    if (this.stopped) return "";
    const whole = this.model.detokenize(this.ids);
    return this.advance(whole, whole.length);
  }

  advance(whole: string, safe: number): string {
    const cut = firstStop(whole, this.stop);
    this.stopped = cut !== -1;
    const end = this.stopped ? cut : safe;
    if (end <= this.text.length) return "";
    const piece = whole.slice(this.text.length, end);
    this.text += piece;
    return piece;
  }
}

/** Where the earliest stop text begins, or -1. */
function firstStop(text: string, stop: readonly string[]): number {
  const found = stop.map((word) => text.indexOf(word)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of `text` that could still grow into a stop text. */
function heldBack(text: string, stop: readonly string[]): number {
  const longest = Math.max(0, ...stop.map((word) => word.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--)
    if (stop.some((word) => word.startsWith(text.slice(-length)))) return length;
  return 0;
}

interface Distribution {
  readonly probabilities: ReadonlyMap<Token, number> | undefined;
  readonly top: number;
}

/** llama.cpp gives the distribution sorted, most probable first. */
function logprobOf(model: LlamaModel, token: Token, { probabilities, top }: Distribution): TokenLogprob {
  const entry = (id: Token, probability: number) => ({
    id,
    text: model.detokenize([id], true),
    logprob: Math.log(Math.max(probability, Number.MIN_VALUE)),
  });
  const best = [...(probabilities ?? [])].slice(0, top).map(([id, probability]) => entry(id, probability));
  return { ...entry(token, probabilities?.get(token) ?? 0), top: best };
}
