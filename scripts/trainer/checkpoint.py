"""Checkpoints: safetensors and JSON with a manifest, written aside and renamed, verified before use; nothing is pickled."""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from .errors import Integrity
from .files import fsync_dir, sha256_file, write_atomic, write_json

NAMES = ("weights.safetensors", "optimiser.safetensors", "rng.safetensors", "state.json")
STEP = re.compile(r"^step-(\d{6,})$")


@dataclass
class Trainee:
    """What a checkpoint holds: the trained parameters by name, and their optimiser."""

    params: dict[str, torch.nn.Parameter]
    optimiser: torch.optim.Optimizer


def rng_state() -> dict[str, torch.Tensor]:
    """The generators that dropout draws from; order is a function of seed and step and needs no state."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state |= {f"cuda{index}": value for index, value in enumerate(torch.cuda.get_rng_state_all())}
    return state


def restore_rng(state: dict[str, torch.Tensor]) -> None:
    torch.set_rng_state(state["cpu"])
    if torch.cuda.is_available() and "cuda0" in state:
        torch.cuda.set_rng_state_all([state[f"cuda{index}"] for index in range(len(state) - 1)])


def optimiser_tensors(trainee: Trainee) -> dict[str, torch.Tensor]:
    """Moments and step count of every parameter, keyed by the parameter's name."""
    out = {}
    for name, param in trainee.params.items():
        for key, value in trainee.optimiser.state[param].items():
            out[f"{name}|{key}"] = torch.as_tensor(value).detach().clone().contiguous()
    return out


def folder_name(step: int) -> str:
    return f"step-{step:06d}"


def save(root: Path, trainee: Trainee, state: dict[str, Any]) -> Path:
    """Write one checkpoint whole or not at all; `state` must hold the step."""
    final = root / folder_name(state["step"])
    temp = root / f".{final.name}.{os.getpid()}.tmp"
    shutil.rmtree(temp, ignore_errors=True)
    temp.mkdir(parents=True)
    save_file({name: param.detach().contiguous() for name, param in trainee.params.items()}, temp / NAMES[0])
    save_file(optimiser_tensors(trainee), temp / NAMES[1])
    save_file(rng_state(), temp / NAMES[2])
    write_json(temp / NAMES[3], state)
    manifest = "".join(f"{sha256_file(temp / name)}  {name}\n" for name in NAMES)
    write_atomic(temp / "MANIFEST.sha256", manifest.encode())
    for name in NAMES[:3]:
        with open(temp / name, "rb") as file:
            os.fsync(file.fileno())
    fsync_dir(temp)
    shutil.rmtree(final, ignore_errors=True)
    os.rename(temp, final)
    fsync_dir(root)
    return final


def verified(folder: Path) -> bool:
    """Every file of the manifest is there with its digest."""
    try:
        rows = [line.split("  ", 1) for line in (folder / "MANIFEST.sha256").read_text("ascii").splitlines()]
        return {name for _, name in rows} == set(NAMES) and all(sha256_file(folder / name) == digest for digest, name in rows)
    except (OSError, ValueError):
        return False


def steps(root: Path) -> list[int]:
    """Steps that have a checkpoint folder, oldest first."""
    return sorted(int(match[1]) for path in root.glob("step-*") if (match := STEP.match(path.name)))


def newest(root: Path) -> Path | None:
    """The newest checkpoint that verifies; none left of some is an integrity failure."""
    have = steps(root)
    for step in reversed(have):
        if verified(root / folder_name(step)):
            return root / folder_name(step)
    if have:
        raise Integrity("checkpoint", f"none of the {len(have)} checkpoints verifies", "start again in an empty run folder")
    return None


def load_weights(folder: Path, trainee: Trainee) -> None:
    weights = load_file(folder / NAMES[0])
    if set(weights) != set(trainee.params):
        raise Integrity("checkpoint", f"{folder.name} holds other parameters than this run trains")
    with torch.no_grad():
        for name, param in trainee.params.items():
            param.copy_(weights[name])


def load(folder: Path, trainee: Trainee) -> dict[str, Any]:
    """Put weights, optimiser and generators back; returns the state."""
    load_weights(folder, trainee)
    moments = load_file(folder / NAMES[1])
    for name, param in trainee.params.items():
        keys = [key for key in moments if key.rsplit("|", 1)[0] == name]
        trainee.optimiser.state[param] = {key.rsplit("|", 1)[1]: moments[key].to(param.device if not key.endswith("|step") else "cpu") for key in keys}
    restore_rng(load_file(folder / NAMES[2]))
    return json.loads((folder / NAMES[3]).read_text("utf-8"))


def prune(root: Path, keep: int, best: int | None) -> None:
    """Keep the newest `keep` and the best."""
    for step in steps(root)[:-keep]:
        if step != best:
            shutil.rmtree(root / folder_name(step), ignore_errors=True)
