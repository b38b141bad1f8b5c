"""The base from a local folder, the adapter on it, and its weights as a PEFT folder."""

import json
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save
from transformers import AutoModelForCausalLM

from .errors import Refused
from .files import write_atomic
from .lock import Settings

DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def deterministic(threads: int) -> None:
    """One thread count, deterministic kernels: two runs of one lock give the same bits on the same build."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.backends.cuda.matmul.allow_tf32 = False


def load_base(base: Path, dtype: torch.dtype, attention: str = "sdpa") -> torch.nn.Module:
    """The causal language model of a folder; safetensors only, no code from the folder."""
    if not (base / "config.json").is_file() or not list(base.glob("*.safetensors")):
        raise Refused("base-missing", f"the base folder {base.name} has no config.json and safetensors")
    return AutoModelForCausalLM.from_pretrained(
        base, dtype=dtype, attn_implementation=attention, use_safetensors=True, local_files_only=True, trust_remote_code=False
    )


def read_adapter(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Configuration and weights of a PEFT LoRA folder; anything but plain LoRA is refused."""
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise Refused("start-mismatch", f"the adapter folder has no {name}")
    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    odd = [key for key in ("use_dora", "use_rslora", "modules_to_save", "rank_pattern", "alpha_pattern") if config.get(key)]
    if config.get("peft_type") != "LORA" or odd:
        raise Refused("start-mismatch", f"only plain LoRA adapters are supported{': ' + ', '.join(odd) if odd else ''}")
    return config, load_file(folder / "adapter_model.safetensors")


def lora(model: torch.nn.Module, plan: Settings) -> torch.nn.Module:
    """A fresh float32 adapter; its init draws from the global generator, which the caller seeds."""
    config = LoraConfig(
        r=plan.r, lora_alpha=plan.alpha, lora_dropout=plan.dropout, target_modules=list(plan.targets), bias="none", task_type="CAUSAL_LM"
    )
    return get_peft_model(model, config, autocast_adapter_dtype=True)


def load_start(model: torch.nn.Module, start: Path, plan: Settings) -> None:
    """Copy a start adapter's weights into the fresh adapter of the same shape."""
    config, weights = read_adapter(start)
    have = (config["r"], float(config["lora_alpha"]), set(config["target_modules"]))
    if have != (plan.r, plan.alpha, set(plan.targets)):
        raise Refused("start-mismatch", f"the start adapter has r {have[0]}, alpha {have[1]}, targets {sorted(have[2])}; the lock differs")
    if set_peft_model_state_dict(model, weights).unexpected_keys:
        raise Refused("start-mismatch", "the start adapter names weights that this base does not have")


def trained(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The parameters that learn, by name, in a fixed order."""
    return {name: value for name, value in sorted(model.named_parameters()) if value.requires_grad}


def adapter_config(plan: Settings) -> dict[str, Any]:
    """What PEFT and vLLM read; the base by name and revision, never by a path of this machine."""
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": plan.base_model,
        "revision": plan.base_revision,
        "r": plan.r,
        "lora_alpha": int(plan.alpha) if plan.alpha == int(plan.alpha) else plan.alpha,
        "lora_dropout": plan.dropout,
        "target_modules": sorted(plan.targets),
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "modules_to_save": None,
    }


def save_trained(model: torch.nn.Module, plan: Settings, base: Path, out: Path) -> list[Path]:
    """Write adapter/ (or model/ for full tuning); returns the files written."""
    if plan.adapter == "full":
        return save_folder(model.state_dict(), base, out / "model")
    folder = out / "adapter"
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().cpu().contiguous() for name, value in sorted(get_peft_model_state_dict(model).items())}
    write_atomic(folder / "adapter_model.safetensors", save(weights, {"format": "pt"}))
    write_atomic(folder / "adapter_config.json", (json.dumps(adapter_config(plan), indent=2, sort_keys=True) + "\n").encode())
    return [folder / "adapter_model.safetensors", folder / "adapter_config.json"]


def save_folder(weights: dict[str, torch.Tensor], base: Path, folder: Path) -> list[Path]:
    """A Hugging Face folder: these weights, the base's configuration, tokenizer and template."""
    folder.mkdir(parents=True, exist_ok=True)
    tied = json.loads((base / "config.json").read_text("utf-8")).get("tie_word_embeddings", False)
    kept = {name: value.detach().cpu().contiguous() for name, value in sorted(weights.items()) if not (tied and name == "lm_head.weight")}
    write_atomic(folder / "model.safetensors", save(kept, {"format": "pt"}))
    names = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json")
    for name in names:
        if (base / name).is_file():
            write_atomic(folder / name, (base / name).read_bytes())
    return [folder / "model.safetensors", *(folder / name for name in names if (folder / name).is_file())]
