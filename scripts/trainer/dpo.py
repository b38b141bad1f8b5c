"""Direct preference optimisation against the policy at its start, with an NLL anchor on the chosen answer."""

import math
from typing import Any

import torch
import torch.nn.functional as F

from .data import Example
from .errors import Integrity
from .layout import lay_out
from .loss import sequence_logps, token_logps


class Dpo:
    """−log σ(β·((c − c₀) − (r − r₀))) + anchor × NLL(chosen); c₀, r₀ are taken once from the start."""

    def __init__(self, model: torch.nn.Module, beta: float, anchor: float, packing: bool, device: torch.device):
        self.model, self.beta, self.anchor, self.packing, self.device = model, beta, anchor, packing, device
        self.reference: dict[int, tuple[float, float]] = {}

    def pair_logps(self, rows: list[Example]) -> tuple[torch.Tensor, torch.Tensor, Any]:
        """Log-probabilities of chosen and rejected answers, [rows] each; chosen rows first in the batch."""
        sequences = [row.sequences[0] for row in rows] + [row.sequences[1] for row in rows]
        batch = lay_out(sequences, self.packing, self.device)
        sums = sequence_logps(token_logps(self.model, batch), batch, len(sequences))
        return sums[: len(rows)], sums[len(rows) :], batch

    @torch.no_grad()
    def take_reference(self, rows: list[Example], batch_rows: int) -> None:
        """Remember the start policy's log-probabilities; the model must be in eval mode and untrained."""
        for at in range(0, len(rows), batch_rows):
            part = rows[at : at + batch_rows]
            chosen, rejected, _ = self.pair_logps(part)
            for row, c, r in zip(part, chosen.tolist(), rejected.tolist(), strict=True):
                self.reference[id(row)] = (c, r)

    @torch.no_grad()
    def check_start(self, rows: list[Example]) -> float:
        """The DPO term before the first step, without dropout: ln 2 exactly when policy = reference."""
        chosen, rejected, _ = self.pair_logps(rows)
        value = F.softplus(-self.margins(rows, chosen, rejected)).mean().item()
        if abs(value - math.log(2)) > 1e-6:
            raise Integrity("dpo-reference", f"the DPO loss before step 1 is {value!r}, not ln 2: policy and reference differ")
        return value

    def margins(self, rows: list[Example], chosen: torch.Tensor, rejected: torch.Tensor) -> torch.Tensor:
        reference = torch.tensor([self.reference[id(row)] for row in rows], dtype=chosen.dtype, device=chosen.device)
        return self.beta * ((chosen - reference[:, 0]) - (rejected - reference[:, 1]))

    def step_size(self, rows: list[Example]) -> dict[str, int]:
        return {"pairs": len(rows), "supervised": sum(row.sequences[0].supervised for row in rows)}

    def micro(self, rows: list[Example], size: dict[str, int]) -> tuple[torch.Tensor, dict[str, float]]:
        chosen, rejected, batch = self.pair_logps(rows)
        margins = self.margins(rows, chosen, rejected)
        preference = F.softplus(-margins).sum() / size["pairs"]
        loss = preference + self.anchor * -chosen.sum() / size["supervised"]
        figures = {
            "tokens": batch.real,
            "cells": batch.ids.numel(),
            "supervisedTokens": len(batch.targets),
            "dpoLoss": preference.item() * size["pairs"],
            "margin": margins.sum().item(),
            "accuracy": (margins > 0).sum().item(),
            "chosenLogp": chosen.sum().item(),
            "rejectedLogp": rejected.sum().item(),
        }
        return loss, figures

    def totals(self, micros: list[dict[str, float]], rows: int) -> dict[str, Any]:
        """Means over the step's pairs."""
        keys = ("dpoLoss", "margin", "accuracy", "chosenLogp", "rejectedLogp")
        return {key: sum(micro[key] for micro in micros) / rows for key in keys}

    @torch.no_grad()
    def evaluate(self, rows: list[Example], batch_rows: int) -> dict[str, float]:
        """The same objective over all rows: mean loss, pair accuracy, mean margin."""
        size = self.step_size(rows)
        micros, loss = [], 0.0
        for at in range(0, len(rows), batch_rows):
            value, figures = self.micro(rows[at : at + batch_rows], size)
            loss += value.item()
            micros.append(figures)
        totals = self.totals(micros, len(rows))
        return {"evalLoss": loss, "accuracy": totals["accuracy"], "margin": totals["margin"]}
