"""The recipe lock as settings: every value is in it, none is defaulted here, an unknown one is refused."""

from dataclasses import dataclass
from typing import Any

from .errors import Refused
from .lock_reader import Reader, check_keys

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
LINEAR = (*ATTENTION, "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Settings:
    """What the loop needs to know; names follow the lock's dotted keys."""

    method: str
    dtype: str
    attention: str
    loss_on: str
    adapter: str
    r: int
    alpha: float
    dropout: float
    targets: tuple[str, ...]
    lr: float
    epochs: int
    batch: int
    grad_accum: int
    warmup_steps: int
    schedule: str
    weight_decay: float
    clip: float | None
    max_tokens: int
    max_prompt: int
    packing: bool
    seed: int
    save_every: int
    keep: int
    eval_every: int
    sample_every: int
    sample_prompts: int
    patience: int | None
    min_delta: float
    budget_hours: float | None
    beta: float
    nll_anchor: float
    end_of_turn: tuple[str, ...]
    base_model: str | None
    base_revision: str | None


def read_adapter(read: Reader) -> dict[str, Any]:
    """The adapter block; for full tuning its numbers mean nothing and may be null."""
    if (quant := read.maybe("adapter.quant") or "none") != "none":
        raise Refused("unsupported-value", f"adapter.quant {quant!r} is not supported by this trainer", "quant: none")
    if read.choice("adapter.type", "lora", "full") == "full":
        return {"adapter": "full", "r": 0, "alpha": 0.0, "dropout": 0.0, "targets": ()}
    targets = read.raw("adapter.targets")
    named = {"attention": ATTENTION, "all-linear": LINEAR}
    names = named.get(targets) if isinstance(targets, str) else targets
    if not isinstance(names, (list, tuple)) or not names or any(name not in LINEAR for name in names):
        raise Refused("unsupported-value", f"adapter.targets must be attention, all-linear or some of {', '.join(LINEAR)}, got {targets!r}")
    return {
        "adapter": "lora",
        "r": read.integer("adapter.r", 1),
        "alpha": read.number("adapter.alpha", 1e-6),
        "dropout": read.number("adapter.dropout", 0, 0.99),
        "targets": tuple(name for name in LINEAR if name in names),
    }


def read_early_stop(read: Reader) -> dict[str, Any]:
    if "run.earlyStop" in read.values and read.values["run.earlyStop"] is None:
        return {"patience": None, "min_delta": 0.0}
    read.choice("run.earlyStop.metric", "evalLoss")
    return {"patience": read.integer("run.earlyStop.patience", 1), "min_delta": read.number("run.earlyStop.minDelta", 0)}


def settings(lock: Any) -> Settings:
    """Turn a lock into settings, or refuse with the key and the reason before any work."""
    if not isinstance(lock, dict) or not isinstance(lock.get("effective"), dict):
        raise Refused("bad-request", "lock.effective must be an object")
    method, effective = lock.get("method"), lock["effective"]
    if method not in ("sft", "dpo"):
        raise Refused("unsupported-method", f"method {method!r} is not supported by this trainer", "use sft or dpo")
    check_keys(effective, method)
    read = Reader(effective)
    if (engine := read.maybe("run.engine")) not in (None, "own"):
        raise Refused("unsupported-value", f"run.engine {engine!r} is not this trainer", "engine: own")
    if method == "dpo":
        read.choice("dpo.reference", "start")
    clip, hours = read.raw("optim.clip"), read.maybe("run.budget.hours")
    if lock.get("seed", read.raw("run.seed")) != read.raw("run.seed"):
        raise Refused("bad-value", f"lock.seed {lock['seed']!r} differs from run.seed {read.raw('run.seed')!r}")
    if not isinstance(read.raw("length.packing"), bool):
        raise Refused("bad-value", f"length.packing must be true or false, got {read.raw('length.packing')!r}")
    read.choice("data.overlength", "error", "drop", "trimTurns")
    return Settings(
        method=method,
        dtype=read.choice("base.dtype", "f32", "bf16", "f16"),
        attention=read.choice("base.attention", "sdpa", "eager"),
        loss_on=read.choice("data.lossOn", "assistant", "last"),
        **read_adapter(read),
        lr=read.number("optim.lr", 0),
        epochs=read.integer("optim.epochs", 1),
        batch=read.integer("optim.batch", 1),
        grad_accum=read.integer("optim.gradAccum", 1),
        warmup_steps=read.integer("optim.warmupSteps", 0),
        schedule=read.choice("optim.schedule", "constant", "linear", "cosine"),
        weight_decay=read.number("optim.weightDecay", 0),
        clip=None if clip is None else read.number("optim.clip", 1e-9),
        max_tokens=read.integer("length.max", 2),
        max_prompt=read.integer("length.maxPrompt", 1),
        packing=effective["length.packing"],
        seed=read.integer("run.seed", 0),
        save_every=read.integer("run.saveEverySteps", 1),
        keep=read.integer("run.keep", 1),
        eval_every=int(read.maybe("run.evalEverySteps") or 0),
        sample_every=int(read.maybe("run.sampleEverySteps") or 0),
        sample_prompts=int(read.maybe("run.samplePrompts") or 0),
        **read_early_stop(read),
        budget_hours=None if hours is None else read.number("run.budget.hours", 0),
        beta=read.number("dpo.beta", 1e-9) if method == "dpo" else 0.0,
        nll_anchor=read.number("dpo.nllAnchor", 0) if method == "dpo" else 0.0,
        end_of_turn=tuple((lock.get("template") or {}).get("endOfTurn") or ()),
        base_model=read.maybe("base.model"),
        base_revision=read.maybe("base.revision"),
    )
