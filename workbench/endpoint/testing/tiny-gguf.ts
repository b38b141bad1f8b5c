import { seeded } from "../../stats/random.ts";

/** GGUF value types: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
const TYPE = { u32: 4, f32: 6, bool: 7, string: 8, array: 9 } as const;

type Value =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly ints: readonly number[] };
interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A GGUF file of f32 tensors, for tests: the product's own writer is the trainer's. */
export function ggufFile(metadata: Readonly<Record<string, Value>>, tensors: readonly Tensor[]): Buffer {
  const head: Buffer[] = [
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(Object.keys(metadata).length),
  ];
  for (const [key, value] of Object.entries(metadata)) head.push(text(key), valueBytes(value));
  let offset = 0;
  const data: Buffer[] = [];
  for (const tensor of tensors) {
    head.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64), u32(0), u64(offset));
    const bytes = padded(Buffer.from(tensor.data.buffer));
    data.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([padded(Buffer.concat(head)), ...data]);
}

const HIDDEN = 32;
const FEED = 64;
const LAYERS = 2;
const HEADS = 2;
const HEAD = 16;
const SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/** 256 bytes, one merge, three specials. */
const VOCABULARY = 256 + 1 + SPECIALS.length;

export const CHATML =
  "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** A Qwen3 model of random weights: it babbles, but its babble is a function of its bytes. */
export function tinyModel(seed = 1, contextLength = 512): Buffer {
  const random = weights(seed);
  const blocks = Array.from({ length: LAYERS }, (_, n) => block(`blk.${n}.`, random)).flat();
  return ggufFile(
    {
      "general.architecture": { string: "qwen3" },
      "general.name": { string: "tiny random" },
      "general.file_type": { u32: 0 },
      "qwen3.block_count": { u32: LAYERS },
      "qwen3.context_length": { u32: contextLength },
      "qwen3.embedding_length": { u32: HIDDEN },
      "qwen3.feed_forward_length": { u32: FEED },
      "qwen3.attention.head_count": { u32: HEADS },
      "qwen3.attention.head_count_kv": { u32: HEADS },
      "qwen3.attention.key_length": { u32: HEAD },
      "qwen3.attention.value_length": { u32: HEAD },
      "qwen3.attention.layer_norm_rms_epsilon": { f32: 1e-6 },
      "qwen3.rope.freq_base": { f32: 10_000 },
      "tokenizer.ggml.model": { string: "gpt2" },
      "tokenizer.ggml.pre": { string: "gpt-2" },
      "tokenizer.ggml.tokens": { strings: [...byteAlphabet(), "Ġt", ...SPECIALS] },
      "tokenizer.ggml.token_type": {
        ints: Array.from({ length: VOCABULARY }, (_, id) => (id < 257 ? 1 : 3)),
      },
      "tokenizer.ggml.merges": { strings: ["Ġ t"] },
      "tokenizer.ggml.bos_token_id": { u32: 257 },
      "tokenizer.ggml.eos_token_id": { u32: 259 },
      "tokenizer.ggml.add_bos_token": { bool: false },
      "tokenizer.chat_template": { string: CHATML },
    },
    [
      matrix("token_embd.weight", [HIDDEN, VOCABULARY], random, 1),
      ones("output_norm.weight", HIDDEN),
      matrix("output.weight", [HIDDEN, VOCABULARY], random, 1),
      ...blocks,
    ],
  );
}

/** A LoRA adapter for `tinyModel`, of rank 4, strong enough to change what it says. */
export function tinyAdapter(seed: number): Buffer {
  const random = weights(seed);
  const pairs = Array.from({ length: LAYERS }, (_, n) => [
    matrix(`blk.${n}.attn_q.weight.lora_a`, [HIDDEN, 4], random, 1),
    matrix(`blk.${n}.attn_q.weight.lora_b`, [4, HEADS * HEAD], random, 1),
    matrix(`blk.${n}.ffn_down.weight.lora_a`, [FEED, 4], random, 1),
    matrix(`blk.${n}.ffn_down.weight.lora_b`, [4, HIDDEN], random, 1),
  ]).flat();
  return ggufFile(
    {
      "general.architecture": { string: "qwen3" },
      "general.type": { string: "adapter" },
      "adapter.type": { string: "lora" },
      "adapter.lora.alpha": { f32: 8 },
    },
    pairs,
  );
}

function block(at: string, random: () => number): Tensor[] {
  return [
    ones(`${at}attn_norm.weight`, HIDDEN),
    matrix(`${at}attn_q.weight`, [HIDDEN, HEADS * HEAD], random, 0.3),
    matrix(`${at}attn_k.weight`, [HIDDEN, HEADS * HEAD], random, 0.3),
    matrix(`${at}attn_v.weight`, [HIDDEN, HEADS * HEAD], random, 0.3),
    ones(`${at}attn_q_norm.weight`, HEAD),
    ones(`${at}attn_k_norm.weight`, HEAD),
    matrix(`${at}attn_output.weight`, [HEADS * HEAD, HIDDEN], random, 0.3),
    ones(`${at}ffn_norm.weight`, HIDDEN),
    matrix(`${at}ffn_gate.weight`, [HIDDEN, FEED], random, 0.3),
    matrix(`${at}ffn_up.weight`, [HIDDEN, FEED], random, 0.3),
    matrix(`${at}ffn_down.weight`, [FEED, HIDDEN], random, 0.3),
  ];
}

/** GPT-2's printable stand-ins for the 256 bytes, in byte order of the original table. */
function byteAlphabet(): string[] {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const rest = [...range(0, 255)].filter((byte) => !printable.includes(byte));
  return [
    ...printable.map((byte) => String.fromCharCode(byte)),
    ...rest.map((_, n) => String.fromCharCode(256 + n)),
  ];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

function weights(seed: number): () => number {
  const { uniform } = seeded(seed);
  return () => uniform() * 2 - 1;
}

function matrix(name: string, shape: readonly number[], random: () => number, scale: number): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return { name, shape, data: Float32Array.from({ length: size }, () => random() * scale) };
}

function ones(name: string, size: number): Tensor {
  return { name, shape: [size], data: new Float32Array(size).fill(1) };
}

function valueBytes(value: Value): Buffer {
  if ("u32" in value) return Buffer.concat([u32(TYPE.u32), u32(value.u32)]);
  if ("f32" in value) return Buffer.concat([u32(TYPE.f32), f32(value.f32)]);
  if ("bool" in value) return Buffer.concat([u32(TYPE.bool), Buffer.from([value.bool ? 1 : 0])]);
  if ("string" in value) return Buffer.concat([u32(TYPE.string), text(value.string)]);
  const [type, items] =
    "strings" in value ? [TYPE.string, value.strings.map(text)] : [TYPE.u32 + 1, value.ints.map(u32)];
  return Buffer.concat([u32(TYPE.array), u32(type), u64(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
}
