"""What one run holds, and what of it a resume needs beside tensors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from .checkpoint import Trainee
from .data import Example
from .dpo import Dpo
from .events import Heartbeat, Journal
from .lock import Settings
from .sft import Sft
from .tokens import Tokens


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
    trainee: Trainee
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
