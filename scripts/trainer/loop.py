"""The loop: step, evaluate, sample, save, until the steps, the patience, the budget or a signal end it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from . import checkpoint, model, sample, schedule
from .data import Example
from .dpo import Dpo
from .errors import Diverged
from .events import Heartbeat, Journal
from .layout import Order
from .lock import Settings
from .sft import Sft
from .tokens import Tokens

FALLING = 20  # steps


@dataclass
class State:
    """What a resume needs beside tensors."""

    step: int = 0
    seconds: float = 0.0
    best: dict[str, float] | None = None
    bad: int = 0
    chosen: list[float] = field(default_factory=list)
    falling: int = 0


@dataclass
class Run:
    """Everything one run holds; the loop is a walk over it."""

    plan: Settings
    out: Path
    model: torch.nn.Module
    trainee: checkpoint.Trainee
    objective: Sft | Dpo
    tokens: Tokens
    train: list[Example]
    val: list[Example]
    total: int
    last: int
    journal: Journal
    heartbeat: Heartbeat
    stop: Callable[[], bool]
    state: State

    @property
    def ckpt(self) -> Path:
        return self.out / "ckpt"


def walk(run: Run) -> str:
    """Train until something ends it; returns the reason."""
    order = Order(len(run.train), run.plan.batch * run.plan.grad_accum, run.plan.seed)
    while run.state.step < run.last:
        step, started = run.state.step + 1, time.monotonic()
        figures = one_step(run, [run.train[index] for index in order.step(step)], step)
        run.state.step = run.heartbeat.step = step
        run.state.seconds += time.monotonic() - started
        report(run, figures, time.monotonic() - started)
        improved = due(step, run.plan.eval_every, run.last) and evaluate(run)
        if run.plan.sample_prompts and due(step, run.plan.sample_every, run.last):
            show(run)
        ending = ended(run)
        if ending or (improved and run.plan.patience) or due(step, run.plan.save_every, run.last):
            save(run)
        if ending:
            return ending
    return "finished" if run.last == run.total else "max-steps"


def due(step: int, every: int, last: int) -> bool:
    return step == last or (every > 0 and step % every == 0)


def ended(run: Run) -> str | None:
    """A reason to leave after this step, or None."""
    if run.stop():
        return "stopped"
    if run.plan.patience and run.state.bad >= run.plan.patience:
        return "early-stop"
    hours = run.plan.budget_hours
    return "budget" if hours is not None and run.state.seconds > hours * 3600 else None


def one_step(run: Run, rows: list[Example], step: int) -> dict[str, Any]:
    """Gradient of the whole step in micro-batches, then one update; nothing is updated by a non-finite loss."""
    run.model.train()
    size, micros, loss = run.objective.step_size(rows), [], 0.0
    rate = schedule.rate(run.plan, step, run.total)
    for group in run.trainee.optimiser.param_groups:
        group["lr"] = rate
    run.trainee.optimiser.zero_grad(set_to_none=True)
    for at in range(0, len(rows), run.plan.batch):
        value, figures = run.objective.micro(rows[at : at + run.plan.batch], size)
        value.backward()
        loss += value.item()
        micros.append(figures)
    norm = schedule.clip(run.trainee.params, run.plan.clip)
    if not (math.isfinite(loss) and math.isfinite(norm)):
        run.journal.write("train.step", str(step), {"step": step, "loss": loss, "gradNorm": norm, "lr": rate})
        run.journal.write("train.nonfinite", str(step), {"step": step})
        raise Diverged("nonfinite", f"the loss or its gradient is not a number at step {step}", "a smaller optim.lr, or more warm-up")
    run.trainee.optimiser.step()
    sums = {key: sum(micro[key] for micro in micros) for key in ("tokens", "cells", "supervisedTokens")}
    return {"loss": loss, "lr": rate, "gradNorm": norm, **sums, **run.objective.totals(micros, len(rows))}


def report(run: Run, figures: dict[str, Any], seconds: float) -> None:
    """One train.step line, and the warning of a falling chosen answer."""
    step, cells = run.state.step, figures.pop("cells")
    per_epoch = run.total / run.plan.epochs
    speed = {
        "tokensPerS": figures["tokens"] / seconds,
        "supervisedTokensPerS": figures["supervisedTokens"] / seconds,
        "stepMs": seconds * 1000,
        "memPeakBytes": torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None,
        "padShare": 1 - figures["tokens"] / cells,
    }
    run.journal.write("train.step", str(step), {"step": step, "epoch": step / per_epoch, **figures, **speed})
    if "chosenLogp" not in figures:
        return
    state = run.state
    state.falling = state.falling + 1 if len(state.chosen) == FALLING and figures["chosenLogp"] < state.chosen[0] else 0
    state.chosen = [*state.chosen, figures["chosenLogp"]][-FALLING:]
    if state.falling == FALLING:
        message = f"the log-probability of chosen answers has been falling for {FALLING} steps: the model may be forgetting both answers"
        run.journal.write("train.warn", str(step), {"step": step, "code": "chosen-falling", "message": message})


def evaluate(run: Run) -> bool:
    """Score the validation rows; true if this is the best so far."""
    if not run.val:
        return False
    run.model.eval()
    figures = run.objective.evaluate(run.val, run.plan.batch)
    value = figures["evalLoss"]
    if isinstance(run.objective, Sft):
        figures["perplexity"] = math.exp(value) if value < 700 else math.inf
    run.journal.write("train.eval", str(run.state.step), {"step": run.state.step, **figures})
    best = run.state.best
    improved = math.isfinite(value) and (best is None or value < best["value"] - run.plan.min_delta)
    run.state.bad = 0 if improved else run.state.bad + 1
    if improved:
        run.state.best = {"step": run.state.step, "value": value}
    return improved


def show(run: Run) -> None:
    """Greedy answers to the first validation prompts."""
    run.model.eval()
    rows = run.val[: run.plan.sample_prompts]
    for index, answer in enumerate(sample.samples(run.model, run.tokens, [row.prompt for row in rows])):
        run.journal.write("train.sample", f"{run.state.step}:{index}", {"step": run.state.step, "prompt": index, **answer})


def save(run: Run) -> None:
    """Checkpoint, note it, drop the old ones."""
    best = run.state.best["step"] if run.state.best and run.plan.patience else None
    folder = checkpoint.save(run.ckpt, run.trainee, {"schema": "workbench/checkpoint@1", "seed": run.plan.seed, **vars(run.state)})
    checkpoint.prune(run.ckpt, run.plan.keep, int(best) if best else None)
    data = {"step": run.state.step, "path": f"ckpt/{folder.name}", "best": best == run.state.step}
    run.journal.write("train.checkpoint", str(run.state.step), data)


def export(run: Run, base: Path) -> tuple[int, list[Path]]:
    """Write the best checkpoint's weights if early stopping is on, else the last; returns its step and the files."""
    step = run.state.step
    if run.plan.patience and run.state.best and int(run.state.best["step"]) != step:
        folder = run.ckpt / checkpoint.folder_name(int(run.state.best["step"]))
        if checkpoint.verified(folder):
            checkpoint.load_weights(folder, run.trainee)
            step = int(run.state.best["step"])
    return step, model.save_trained(run.model, run.plan, base, run.out)
