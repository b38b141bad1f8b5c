"""Order and layout: which rows share a step (fixed by seed), and how a micro-batch lies in memory (never changes the result)."""

import hashlib
import math
from dataclasses import dataclass

import torch

from .mask import Sequence


def derive(seed: int, purpose: str) -> int:
    """A seed of its own for each purpose, so that one use never shifts another (63 bits of SHA-256)."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{purpose}".encode()).digest()[:8], "little") >> 1


def steps_per_epoch(rows: int, per_step: int) -> int:
    return math.ceil(rows / per_step)


class Order:
    """Row indices of each step: one permutation per epoch, a function of the seed and the epoch only."""

    def __init__(self, rows: int, per_step: int, seed: int):
        self.rows, self.per_step, self.seed = rows, per_step, seed
        self.epoch, self.permutation = -1, [0]

    def step(self, step: int) -> list[int]:
        """Indices of optimiser step `step`, counted from 1."""
        per_epoch = steps_per_epoch(self.rows, self.per_step)
        epoch, at = divmod(step - 1, per_epoch)
        if epoch != self.epoch:
            generator = torch.Generator().manual_seed(derive(self.seed, f"order:{epoch}"))
            self.epoch, self.permutation = epoch, torch.randperm(self.rows, generator=generator).tolist()
        return self.permutation[at * self.per_step : (at + 1) * self.per_step]


@dataclass(frozen=True)
class Batch:
    """Inputs of one forward pass, and where the supervised predictions are."""

    ids: torch.Tensor  # [rows, width]
    positions: torch.Tensor  # [rows, width]
    attention: torch.Tensor | None  # [1, 1, width, width] bool for a packed row, None = plain causal
    predict: torch.Tensor  # flat indices into rows × width: positions whose next token is supervised
    targets: torch.Tensor  # the token to predict at each of them
    owner: torch.Tensor  # index of the sequence each of them belongs to
    real: int  # tokens that are not padding


def lay_out(sequences: list[Sequence], packing: bool, device: torch.device) -> Batch:
    """Padded on the right (causal attention never looks there), or joined to one row with a block mask."""
    lengths = [len(sequence.ids) for sequence in sequences]
    width = sum(lengths) if packing else max(lengths)
    rows = 1 if packing else len(sequences)
    ids, positions = torch.zeros(rows, width, dtype=torch.long), torch.zeros(rows, width, dtype=torch.long)
    predict, targets, owner = [], [], []
    block = torch.full((width,), -1)
    at = 0
    for index, sequence in enumerate(sequences):
        row, column = (0, at) if packing else (index, 0)
        ids[row, column : column + lengths[index]] = torch.tensor(sequence.ids)
        positions[row, column : column + lengths[index]] = torch.arange(lengths[index])
        if packing:
            block[at : at + lengths[index]] = index
        for offset, value in enumerate(sequence.mask):
            if value:
                predict.append(row * width + column + offset - 1)
                targets.append(sequence.ids[offset])
                owner.append(index)
        at += lengths[index]
    attention = None
    if packing:
        attention = ((block[:, None] == block[None, :]) & torch.ones(width, width, dtype=torch.bool).tril())[None, None].to(device)
    as_tensor = [torch.tensor(values, dtype=torch.long, device=device) for values in (predict, targets, owner)]
    return Batch(ids.to(device), positions.to(device), attention, *as_tensor, sum(lengths))
