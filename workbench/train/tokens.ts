import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { sha256 } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";

/** What we use of the tokenizer; its own type files do not resolve under `nodenext`. */
interface TokenizerLike {
  readonly encode: (text: string, options: { add_special_tokens: boolean }) => { readonly ids: number[] };
  readonly token_to_id: (token: string) => number | undefined;
  readonly get_added_tokens_decoder: () => Map<
    number,
    { readonly content: string; readonly special: boolean }
  >;
}
const Encoder = Tokenizer as unknown as new (tokenizer: object, config: object) => TokenizerLike;

/** A message as training sees it: role and text, nothing else. */
export interface PlainMessage {
  readonly role: string;
  readonly content: string;
}

/** The base's tokenizer and chat template, as `scripts/trainer/tokens.py` uses them. */
export interface ChatTokens {
  readonly render: (messages: readonly PlainMessage[], generationPrompt: boolean) => string;
  readonly encode: (text: string) => readonly number[];
  /** Texts of special tokens: content that holds one could forge a turn. */
  readonly specials: readonly string[];
  readonly endOfTurn: readonly string[];
  readonly templateSha256: string;
}

/** Why a row cannot be learned, as a word that Python uses too. */
export type RowFlaw =
  | "bad-row"
  | "special-token-in-content"
  | "template-not-prefix-stable"
  | "no-end-of-turn"
  | "nothing-supervised";

/** A row that is refused; the caller adds file and line. */
export class RowRefused extends Error {
  override readonly name = "RowRefused";
  readonly flaw: RowFlaw;

  constructor(flaw: RowFlaw, message: string) {
    super(message);
    this.flaw = flaw;
  }
}

/** Loads `tokenizer.json`, `tokenizer_config.json` and the chat template of a base folder. */
export async function loadTokens(folder: string, effects: Effects = realEffects): Promise<ChatTokens> {
  const read = async (name: string): Promise<string> =>
    Buffer.from(await effects.read(join(folder, name))).toString("utf8");
  const config = JSON.parse(await read("tokenizer_config.json")) as Record<string, unknown>;
  const tokenizer = new Encoder(JSON.parse(await read("tokenizer.json")) as object, config);
  const file = (await effects.stat(join(folder, "chat_template.jinja")))?.isFile === true;
  const text = file ? await read("chat_template.jinja") : config["chat_template"];
  if (typeof text !== "string")
    throw refusedBase(folder, "this base has no chat template", "add chat_template.jinja to its folder");
  const [bos, eos] = [textOf(config["bos_token"]), textOf(config["eos_token"])];
  if (eos === "" || tokenizer.token_to_id(eos) === undefined)
    throw refusedBase(
      folder,
      `its end-of-turn token ${quoted(eos)} is not a token of this base`,
      "set eos_token",
    );
  const special = [...tokenizer.get_added_tokens_decoder().values()].filter((token) => token.special);
  return {
    render: renderer(new Template(text), { bos_token: bos, eos_token: eos }),
    encode: (piece) => tokenizer.encode(piece, { add_special_tokens: false }).ids,
    specials: special.map((token) => token.content).sort(),
    endOfTurn: [eos],
    templateSha256: sha256(text),
  };
}

function renderer(template: Template, words: Readonly<Record<string, string>>): ChatTokens["render"] {
  return (messages, generationPrompt) => {
    try {
      const plain = messages.map(({ role, content }) => ({ role, content }));
      return template.render({ messages: plain, add_generation_prompt: generationPrompt, ...words });
    } catch (error) {
      throw new RowRefused("bad-row", `the chat template refuses the messages: ${String(error)}`);
    }
  };
}

/** A special token is written as text or as {"content": text}. */
function textOf(token: unknown): string {
  if (typeof token === "string") return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : "";
}

function refusedBase(folder: string, what: string, fix: string): WorkbenchError {
  return new WorkbenchError({ code: "WB_RECIPE_UNSUPPORTED", where: folder, what, fix });
}
