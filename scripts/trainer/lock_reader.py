"""One flat map of dotted keys, read with refusals that name the key."""

import math
from difflib import get_close_matches
from typing import Any

from .errors import Refused

EARLY_STOP = ("run.earlyStop.metric", "run.earlyStop.patience", "run.earlyStop.minDelta")
READ = (
    "base.dtype base.attention data.lossOn data.overlength adapter.type adapter.r adapter.alpha adapter.dropout "
    "adapter.targets adapter.quant optim.lr optim.epochs optim.batch optim.gradAccum optim.warmupSteps optim.schedule "
    "optim.weightDecay optim.clip length.max length.maxPrompt length.packing run.seed run.saveEverySteps run.keep "
    "run.evalEverySteps run.sampleEverySteps run.samplePrompts run.earlyStop run.budget.hours"
).split()
DPO = ("dpo.beta", "dpo.reference", "dpo.nllAnchor")
CARRIED = (
    "recipe preset method start base.model base.revision data.dataset data.train data.eval data.template run.deterministic "
    "run.engine run.experimental run.budget run.budget.usd export allowSmall"
).split()


class Reader:
    """Reads one flat map and refuses with the key's name."""

    def __init__(self, values: dict[str, Any]):
        self.values = values

    def raw(self, key: str) -> Any:
        if key not in self.values:
            raise Refused("missing-value", f"lock.effective has no {key}", "resolve the recipe again: every value must be written out")
        return self.values[key]

    def number(self, key: str, low: float, high: float = math.inf) -> float:
        value = self.raw(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not low <= value <= high:
            raise Refused("bad-value", f"{key} must be a number from {low} to {high}, got {value!r}")
        return float(value)

    def integer(self, key: str, low: int) -> int:
        value = self.number(key, low, 2**53)
        if value != int(value):
            raise Refused("bad-value", f"{key} must be a whole number, got {value!r}")
        return int(value)

    def choice(self, key: str, *choices: str) -> str:
        value = self.raw(key)
        if value not in choices:
            raise Refused("unsupported-value", f"{key} must be one of {', '.join(choices)}, got {value!r}")
        return value

    def maybe(self, key: str) -> Any:
        return self.values.get(key)


def check_keys(effective: dict[str, Any], method: str) -> None:
    """Refuse a key nobody reads: a value that is dropped is a run that is not what its lock says."""
    known = [*READ, *EARLY_STOP, *CARRIED, *(DPO if method == "dpo" else ())]
    for key in effective:
        if key not in known and not key.startswith("export."):
            near = get_close_matches(key, known, 1)
            raise Refused("unknown-value", f"lock.effective.{key} is not known for method {method}", f"did you mean {near[0]}?" if near else None)
