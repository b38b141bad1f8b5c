import type { ChatReply, ChatRequest, ToolCall } from "../endpoint/client.ts";
import type { Score } from "../schema/run.ts";

/** One item of a suite: what is asked, what is right, and what is known about it. */
export interface Sample<I = unknown, E = unknown> {
  /** SHA-256 of canonical {input, expected}: two rows that ask the same are the same sample. */
  readonly id: string;
  /** The data's own id, for people; never used to match. */
  readonly label: string;
  readonly input: I;
  readonly expected: E;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What a task answers with; a plain string is short for `{text}`. */
export interface Answer {
  readonly text: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly finishReason?: string | null;
  /** Columns of a recorded row that scorers may read. */
  readonly columns?: Readonly<Record<string, unknown>>;
}

/** Asks the arm's model. Usage, cost and time of every call of a sample are added up by the runner. */
export type Call = (request: Omit<ChatRequest, "model">) => Promise<ChatReply>;

/** Answers one sample. `plan` is what of it can be digested; a function's own text counts too. */
export type Task<I = unknown, E = unknown> = ((
  sample: Sample<I, E>,
  call: Call,
) => Promise<Answer | string>) & { readonly plan?: unknown };

/** What a scorer sees. Only `output` is needed, so scorers work without the runner. */
export interface Scored<I = unknown, E = unknown> {
  readonly output: string;
  readonly expected?: E;
  readonly input?: I;
  readonly toolCalls?: readonly ToolCall[];
  readonly finishReason?: string | null;
  readonly columns?: Readonly<Record<string, unknown>>;
  /** What else the sample's row says. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** For a scorer that compares arms: the baseline's answer, or null where it gave none. */
  readonly baseline?: string | null;
}

/** What a scorer may ask for beyond the answer itself. */
export interface ScoreContext {
  /** Asks the model that the scorer names as its judge; scorers read the reply's text. @throws EndpointError, and what ends a run. */
  readonly judge: (request: Parameters<Call>[0]) => Promise<Pick<ChatReply, "text">>;
}

/** Turns an answer into a value; null is "unscored" and carries its reason. */
export interface Scorer {
  (it: Scored, context?: ScoreContext): Score | Promise<Score>;
  /** The metric's name; `as` in a scorer's options changes it. */
  readonly metric: string;
  readonly version: number;
  readonly args: unknown;
  /** A primary score at or above this is a success. */
  readonly threshold: number;
  /** Digest of kind, version and arguments: enters every row key. */
  readonly sha256: string;
  /** A figure of all answers together that no mean gives; shown as `<metric>.corpus`. */
  readonly corpus?: (scores: readonly Score[]) => number | null;
  /** The model, as workbench.config.yaml names it, that a judge asks. */
  readonly judge?: string;
  /** What that model is asked for. Default `chat`; embeddings are measured, not judged. */
  readonly asks?: "embeddings";
  /** True where an answer is scored beside the baseline's answer to the same sample. */
  readonly comparesArms?: boolean;
  /** From the labels of one answer to the value they stand for; judges have it. */
  readonly labelValue?: (labels: Labels) => number | null;
  /** What a judge can say, by criterion: another label of a person could never agree with it. */
  readonly labelForms?: Readonly<Record<string, readonly string[]>>;
  /** What a reader of its figures must know; told in the result. */
  readonly note?: string;
}

/** What a judge or a person says of one answer, by criterion: `{polite: "yes"}`, `{winner: "tie"}`. */
export type Labels = Readonly<Record<string, string>>;

/** Repeats of one sample in one arm → one score. */
export interface Reducer {
  (epochs: readonly Score[]): Score;
  readonly reducer: string;
}
