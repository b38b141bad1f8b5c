"""Shared by the tests: the shipped base, a small lock, small rows, one request in a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2]
BASE = SCRIPTS.parent / "recipes/bases/tiny-router"
sys.path.insert(0, str(SCRIPTS))
os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})

EFFECTIVE: dict[str, Any] = {
    "base.dtype": "f32", "base.attention": "sdpa", "data.lossOn": "assistant", "data.overlength": "error",
    "adapter.type": "lora", "adapter.r": 4, "adapter.alpha": 8, "adapter.dropout": 0.05, "adapter.targets": "all-linear", "adapter.quant": "none",
    "optim.lr": 2e-3, "optim.epochs": 2, "optim.batch": 4, "optim.gradAccum": 1, "optim.warmupSteps": 2, "optim.schedule": "cosine",
    "optim.weightDecay": 0.01, "optim.clip": 1.0, "length.max": 256, "length.maxPrompt": 192, "length.packing": False,
    "run.seed": 7, "run.saveEverySteps": 3, "run.keep": 2, "run.evalEverySteps": 4, "run.sampleEverySteps": 0, "run.samplePrompts": 1, "run.earlyStop": None,
}  # fmt: skip
QUEUES = ("billing", "login", "delivery", "sales")


def lock(method: str = "sft", **changes: Any) -> dict[str, Any]:
    """A lock for tiny runs; `optim__lr=1` changes optim.lr."""
    extra = {"dpo.beta": 0.1, "dpo.reference": "start", "dpo.nllAnchor": 0.2} if method == "dpo" else {}
    effective = {**EFFECTIVE, **extra, **{key.replace("__", "."): value for key, value in changes.items()}}
    return {"method": method, "effective": effective}


def say(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def route(queue: str, priority: str) -> str:
    return json.dumps({"tool": "route", "queue": queue, "priority": priority}, separators=(",", ":"))


def chat(index: int) -> dict[str, Any]:
    ask = f"Ticket {index}: please help, it's about {QUEUES[index % 4]}" + " again" * (index % 5)
    return {"messages": [say("system", "Route the ticket."), say("user", ask), say("assistant", route(QUEUES[index % 4], "high"))]}


def pair(index: int) -> dict[str, Any]:
    messages = chat(index)["messages"]
    return {"prompt": messages[:2], "chosen": messages[2:], "rejected": [say("assistant", route(QUEUES[index % 4], "normal"))]}


def write_rows(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def request(folder: Path, recipe: dict[str, Any], rows: int = 24) -> dict[str, Any]:
    """A train request over generated rows; the run folder is folder/run."""
    make = pair if recipe["method"] == "dpo" else chat
    data = {"train": write_rows(folder / "train.jsonl", [make(i) for i in range(rows)]), "val": write_rows(folder / "val.jsonl", [make(i) for i in range(90, 96)])}
    return {"command": "train", "lock": recipe, "base": str(BASE), "start": None, "data": data, "out": str(folder / "run"), "threads": 1, "maxSteps": None}


def launch(body: Any) -> subprocess.Popen[bytes]:
    """A real trainer process with the request already on its standard input."""
    env = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    process = subprocess.Popen([sys.executable, "-m", "trainer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    text = body if isinstance(body, str) else json.dumps({"schema": "workbench/trainer-request@1", **body})
    assert process.stdin
    process.stdin.write(text.encode())
    process.stdin.close()
    process.stdin = None
    return process


def ask_trainer(body: Any) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of one whole process."""
    process = launch(body)
    out, _ = process.communicate(timeout=120)
    return process.returncode, json.loads(out)


@pytest.fixture(scope="session")
def tokens():
    from trainer.tokens import Tokens

    return Tokens(BASE)
