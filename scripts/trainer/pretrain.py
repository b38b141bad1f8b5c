"""The pretrain command: a byte-level BPE of 479 tokens and a Qwen3 of 221 600 parameters, from nothing."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen3Config, Qwen3ForCausalLM

from .data import read_rows
from .files import write_atomic
from .layout import Order, derive, lay_out
from .loss import token_logps
from .model import deterministic
from .tokens import Tokens

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
VOCABULARY = 256 + 220 + len(SPECIALS)
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SHAPE = {
    "vocab_size": VOCABULARY, "hidden_size": 64, "intermediate_size": 192, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 4, "head_dim": 16, "rms_norm_eps": 1e-6, "max_position_embeddings": 512, "tie_word_embeddings": False,
    "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0, "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
}  # fmt: skip


def train_tokenizer(rows: Path, out: Path) -> None:
    """Byte-level BPE with the GPT-2 split pattern, and ChatML as the template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIALS, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    messages = (m for line in rows.read_text("utf-8").splitlines() if line for m in json.loads(line)["messages"])
    tokenizer.train_from_iterator((f"{m['role']}\n{m['content']}" for m in messages), trainer)
    write_atomic(out / "tokenizer.json", tokenizer.to_str(pretty=False).encode())
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, "clean_up_tokenization_spaces": False,
        "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "chat_template": TEMPLATE,
    }  # fmt: skip
    write_atomic(out / "tokenizer_config.json", (json.dumps(config, indent=2) + "\n").encode())


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Train for `steps` × `batch` chats on every assistant turn and its question; write the folder."""
    out, rows = Path(request["out"]), Path(request["rows"])
    out.mkdir(parents=True, exist_ok=True)
    deterministic(int(request.get("threads") or 1))
    train_tokenizer(rows, out)
    examples = read_rows(rows, Tokens(out), "sft", "assistant")
    seed, steps, batch = int(request.get("seed") or 1), int(request.get("steps") or 405), int(request.get("batch") or 32)
    torch.manual_seed(derive(seed, "init"))
    net = Qwen3ForCausalLM(Qwen3Config(**SHAPE, dtype="float32"))
    optimiser = torch.optim.AdamW(net.parameters(), lr=1.0, weight_decay=0.01)
    order, peak, loss = Order(len(examples), batch, seed), float(request.get("lr") or 3e-3), 0.0
    for step in range(1, steps + 1):
        whole = [everything(examples[index].sequences[0]) for index in order.step(step)]
        plan = lay_out(whole, False, torch.device("cpu"))
        value = -token_logps(net, plan).mean()
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = peak * min(1.0, step / 20) * (1 - (step - 1) / steps)
        optimiser.step()
        loss = value.item()
    write_folder(net, out)
    return {"parameters": sum(p.numel() for p in net.parameters()), "lastLoss": loss, "tokens": VOCABULARY}


def everything(sequence: Any) -> Any:
    """A base model learns every token, not only answers."""
    return type(sequence)(sequence.ids, [0] + [1] * (len(sequence.ids) - 1), 0)


def write_folder(net: Qwen3ForCausalLM, out: Path) -> None:
    """config.json, generation_config.json and model.safetensors, with no trace of this machine."""
    config = {**SHAPE, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_act": "silu", "attention_bias": False, "dtype": "float32"}
    write_atomic(out / "config.json", (json.dumps(config, indent=2, sort_keys=True) + "\n").encode())
    write_atomic(out / "generation_config.json", (json.dumps({"do_sample": False, "eos_token_id": 2, "pad_token_id": 0}, indent=2) + "\n").encode())
    weights = {name: value.detach().contiguous() for name, value in sorted(net.state_dict().items())}
    write_atomic(out / "model.safetensors", save(weights, {"format": "pt"}))
