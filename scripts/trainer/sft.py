"""Supervised fine-tuning: negative log-likelihood per supervised token of the whole step."""

from typing import Any

import torch

from .data import Example
from .layout import lay_out
from .loss import token_logps


class Sft:
    """Loss of one micro-batch as a share of its step, so that accumulation equals one big batch."""

    def __init__(self, model: torch.nn.Module, packing: bool, device: torch.device):
        self.model, self.packing, self.device = model, packing, device

    def step_size(self, rows: list[Example]) -> dict[str, int]:
        """The divisor of the step: supervised tokens over all its rows."""
        return {"supervised": sum(row.sequences[0].supervised for row in rows)}

    def micro(self, rows: list[Example], size: dict[str, int]) -> tuple[torch.Tensor, dict[str, float]]:
        batch = lay_out([row.sequences[0] for row in rows], self.packing, self.device)
        loss = -token_logps(self.model, batch).sum() / size["supervised"]
        return loss, {"tokens": batch.real, "cells": batch.ids.numel(), "supervisedTokens": len(batch.targets)}

    def totals(self, micros: list[dict[str, float]], rows: int) -> dict[str, Any]:
        """Nothing beside the common figures."""
        return {}

    @torch.no_grad()
    def evaluate(self, rows: list[Example], batch_rows: int) -> dict[str, float]:
        """Mean NLL per supervised token over all rows."""
        total, count = 0.0, 0
        for at in range(0, len(rows), batch_rows):
            batch = lay_out([row.sequences[0] for row in rows[at : at + batch_rows]], self.packing, self.device)
            total -= token_logps(self.model, batch).double().sum().item()
            count += len(batch.targets)
        return {"evalLoss": total / count}
