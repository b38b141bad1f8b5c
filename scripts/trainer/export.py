"""The export command: adapter → merged weights → GGUF, each file listed with its digest."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from .errors import Refused
from .files import artifacts, write_json
from .gguf import FLOAT32, PRECISIONS, STRING, Gguf
from .gguf_map import LORA, add_model, add_tokenizer, lora_name, read_config, tensor_name
from .model import load_base, read_adapter, save_folder
from .tokens import Tokens


def base_weights(base: Path) -> dict[str, torch.Tensor]:
    """Every tensor of the folder's safetensors files."""
    files = sorted(base.glob("*.safetensors"))
    if not files:
        raise Refused("base-missing", f"the base folder {base.name} has no safetensors")
    return {name: value for file in files for name, value in load_file(file).items()}


def merge(weights: dict[str, torch.Tensor], adapter: Path) -> dict[str, torch.Tensor]:
    """W + (α ÷ r)·B·A, summed in float32 per tensor, stored in the base's type."""
    config, low_rank = read_adapter(adapter)
    scale = config["lora_alpha"] / config["r"]
    merged = dict(weights)
    for name, a in low_rank.items():
        match = LORA.match(name)
        if not match:
            raise Refused("start-mismatch", f"unknown adapter weight {name}")
        if match[2] == "B":
            continue
        target, b = f"{match[1]}.weight", low_rank[name.replace(".lora_A.", ".lora_B.")]
        if target not in merged or merged[target].shape != (b.shape[0], a.shape[1]):
            raise Refused("start-mismatch", f"the adapter does not fit the base at {target}")
        merged[target] = (merged[target].float() + scale * (b.float() @ a.float())).to(merged[target].dtype)
    return merged


def merged_model(base: Path, adapter: Path | None) -> torch.nn.Module:
    """The base, or base plus adapter merged in memory, in float32 and ready to answer."""
    net = load_base(base, torch.float32)
    if adapter:
        net.load_state_dict(merge(net.state_dict(), adapter))
    return net.eval()


def model_gguf(weights: dict[str, torch.Tensor], base: Path, precision: str, path: Path) -> Path:
    """The whole model as one GGUF file."""
    config = read_config(base)
    file = Gguf(precision)
    add_model(file, config)
    add_tokenizer(file, base, Tokens(base), config["vocab_size"])
    for name, value in weights.items():
        file.tensor(tensor_name(name), value)
    return file.write(path)


def adapter_gguf(base: Path, adapter: Path, path: Path) -> Path:
    """The LoRA alone, in float32, for engines that load it beside the base."""
    read_config(base)
    config, weights = read_adapter(adapter)
    file = Gguf("f32")
    file.add("general.architecture", STRING, "qwen3")
    file.add("general.type", STRING, "adapter")
    file.add("adapter.type", STRING, "lora")
    file.add("adapter.lora.alpha", FLOAT32, float(config["lora_alpha"]))
    for name, value in sorted(weights.items()):
        file.tensor(lora_name(name), value)
    return file.write(path)


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Write the files of one base or one adapter under `out`."""
    base, out = Path(request["base"]), Path(request["out"])
    adapter = Path(request["adapter"]) if request.get("adapter") else None
    precision = request["precision"]
    if precision not in PRECISIONS:
        raise Refused("unsupported-value", f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}", "q4_k_m needs llama-quantize on f16")
    read_config(base)
    weights = base_weights(base)
    out.mkdir(parents=True, exist_ok=True)
    if adapter is None:
        paths = [model_gguf(weights, base, precision, out / "base.gguf")]
    else:
        merged = merge(weights, adapter)
        paths = [adapter_gguf(base, adapter, out / "adapter.gguf"), *save_folder(merged, base, out / "merged")]
        paths.append(model_gguf(merged, base, precision, out / "merged.gguf"))
    record = artifacts(out, paths)
    write_json(out / "artifacts.json", record)
    return {"files": record["files"]}
