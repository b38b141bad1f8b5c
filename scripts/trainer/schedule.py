"""The optimiser and its learning rate: every value comes from the lock."""

import math

import torch

from .lock import Settings


def rate(plan: Settings, step: int, total: int) -> float:
    """Learning rate of step `step` (from 1) of `total`: linear warm-up, then constant, linear or cosine to 0.

    Worked value: lr 1, warmupSteps 2, linear, 6 steps: 0.5, 1, 1, 0.75, 0.5, 0.25.
    """
    warm = min(1.0, step / plan.warmup_steps) if plan.warmup_steps else 1.0
    after = min(1.0, max(0.0, (step - 1 - plan.warmup_steps) / max(1, total - plan.warmup_steps)))
    shape = {"constant": 1.0, "linear": 1.0 - after, "cosine": (1.0 + math.cos(math.pi * after)) / 2}
    return plan.lr * warm * shape[plan.schedule]


def optimiser(params: dict[str, torch.nn.Parameter], plan: Settings) -> torch.optim.Optimizer:
    """AdamW (0.9, 0.999, 1e-8); weight decay only on tensors with two dimensions or more."""
    flat = [param for param in params.values() if param.ndim < 2]
    deep = [param for param in params.values() if param.ndim >= 2]
    groups = [{"params": deep, "weight_decay": plan.weight_decay}, {"params": flat, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=plan.lr, betas=(0.9, 0.999), eps=1e-8, foreach=True)


def clip(params: dict[str, torch.nn.Parameter], limit: float | None) -> float:
    """Scale the gradients to the norm `limit` if they are larger; returns the norm before."""
    norm = torch.nn.utils.get_total_norm([param.grad for param in params.values() if param.grad is not None])
    if limit is not None and torch.isfinite(norm):
        torch.nn.utils.clip_grads_with_norm_(list(params.values()), limit, norm)
    return norm.item()
