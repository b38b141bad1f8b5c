"""What a watcher sees: one line per step, evaluations, sample answers, warnings."""

import math
from typing import Any

import torch

from . import sample
from .job import Run
from .sft import Sft

FALLING = 20  # steps


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
