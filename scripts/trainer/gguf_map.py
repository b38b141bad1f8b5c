"""How a Qwen3 folder is called in GGUF: metadata, vocabulary and tensor names. Anything unknown is refused, never guessed."""

import json
import re
from pathlib import Path
from typing import Any

from .errors import Refused
from .gguf import BOOL, FILE_TYPES, FLOAT32, INT32, STRING, UINT32, Gguf
from .tokens import Tokens

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # ggml token types
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TOP = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}
BLOCK = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
LAYER = re.compile(r"^model\.layers\.(\d+)\.(.+)\.weight$")
LORA = re.compile(r"^base_model\.model\.(model\.layers\.\d+\..+)\.lora_([AB])\.weight$")


def tensor_name(name: str) -> str:
    """GGUF name of a Hugging Face weight."""
    if name in TOP:
        return TOP[name]
    if (match := LAYER.match(name)) and match[2] in BLOCK:
        return f"blk.{match[1]}.{BLOCK[match[2]]}.weight"
    raise Refused("unsupported-architecture", f"no GGUF name is known for the weight {name}")


def lora_name(name: str) -> str:
    """GGUF name of a PEFT LoRA weight. Qwen3 needs no row permutation, unlike Llama."""
    if not (match := LORA.match(name)):
        raise Refused("unsupported-architecture", f"no GGUF name is known for the adapter weight {name}")
    return f"{tensor_name(match[1] + '.weight')}.lora_{match[2].lower()}"


def read_config(base: Path) -> dict[str, Any]:
    config = json.loads((base / "config.json").read_text("utf-8"))
    if config.get("model_type") != "qwen3" or config.get("attention_bias"):
        raise Refused("unsupported-architecture", f"only qwen3 without attention bias can be exported, not {config.get('model_type')!r}")
    if (config.get("rope_parameters") or {}).get("rope_type", "default") != "default" or config.get("rope_scaling"):
        raise Refused("unsupported-architecture", "scaled rotary embeddings can not be exported")
    return config


def pre_tokenizer(spec: dict[str, Any]) -> str:
    """llama.cpp's name of the split; a wrong one gives other ids without any error."""
    if spec.get("normalizer") and spec["normalizer"].get("type") != "NFC":
        raise Refused("unsupported-architecture", "this tokenizer's normalizer has no GGUF counterpart")
    pre = spec.get("pre_tokenizer") or {}
    parts = pre["pretokenizers"] if pre.get("type") == "Sequence" else [pre]
    level = parts[-1]
    if level.get("type") == "ByteLevel" and not level.get("add_prefix_space"):
        if len(parts) == 1 and level.get("use_regex", True) and not spec.get("normalizer"):
            return "gpt-2"
        split = parts[0].get("pattern", {}).get("Regex") if len(parts) == 2 and parts[0].get("type") == "Split" else None
        if split == QWEN2_SPLIT and not level.get("use_regex", True):
            return "qwen2"
    raise Refused("unsupported-architecture", "this pre-tokenizer has no known GGUF name")


def add_model(file: Gguf, config: dict[str, Any]) -> None:
    """Architecture keys of llama.cpp's qwen3."""
    rope = config.get("rope_theta") or (config.get("rope_parameters") or {}).get("rope_theta")
    heads, size = config["num_attention_heads"], config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    file.add("general.architecture", STRING, "qwen3")
    file.add("general.type", STRING, "model")
    file.add("general.file_type", UINT32, FILE_TYPES[file.precision])
    counts = {
        "context_length": config["max_position_embeddings"], "embedding_length": config["hidden_size"], "block_count": config["num_hidden_layers"],
        "feed_forward_length": config["intermediate_size"], "attention.head_count": heads, "attention.head_count_kv": config["num_key_value_heads"],
        "attention.key_length": size, "attention.value_length": size, "vocab_size": config["vocab_size"],
    }  # fmt: skip
    for key, value in counts.items():
        file.add(f"qwen3.{key}", UINT32, value)
    file.add("qwen3.rope.freq_base", FLOAT32, float(rope))
    file.add("qwen3.attention.layer_norm_rms_epsilon", FLOAT32, config["rms_norm_eps"])


def add_tokenizer(file: Gguf, base: Path, tokens: Tokens, size: int) -> None:
    """Byte-level BPE as GGUF's gpt2 model, with the template and the end-of-turn token."""
    spec = json.loads((base / "tokenizer.json").read_text("utf-8"))
    if spec["model"].get("type") != "BPE":
        raise Refused("unsupported-architecture", "only byte-level BPE tokenizers can be exported")
    words = {index: (word, NORMAL) for word, index in spec["model"]["vocab"].items()}
    for token in spec["added_tokens"]:
        words[token["id"]] = (token["content"], CONTROL if token["special"] else USER_DEFINED)
    table = [words.get(index, (f"[PAD{index}]", UNUSED)) for index in range(size)]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in spec["model"]["merges"]]
    file.add("tokenizer.ggml.model", STRING, "gpt2")
    file.add("tokenizer.ggml.pre", STRING, pre_tokenizer(spec))
    file.add_array("tokenizer.ggml.tokens", STRING, [word for word, _ in table])
    file.add_array("tokenizer.ggml.token_type", INT32, [kind for _, kind in table])
    file.add_array("tokenizer.ggml.merges", STRING, merges)
    end = tokens.end_ids[0]
    pad = tokens.tokenizer.token_to_id(tokens.config.get("pad_token") or "")
    for key, value in (("bos", pad if pad is not None else end), ("eos", end), ("eot", end), ("padding", pad)):
        if value is not None:
            file.add(f"tokenizer.ggml.{key}_token_id", UINT32, value)
    file.add("tokenizer.ggml.add_bos_token", BOOL, False)
    file.add("tokenizer.ggml.add_eos_token", BOOL, False)
    file.add("tokenizer.chat_template", STRING, tokens.template_text)
