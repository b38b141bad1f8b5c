"""The loop: step, evaluate, sample, save, until the steps, the patience, the budget or a signal end it."""

import math
import time
from pathlib import Path
from typing import Any

from . import checkpoint, model, schedule
from .data import Example
from .errors import Diverged
from .job import Run
from .layout import Order
from .watch import evaluate, report, show


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
