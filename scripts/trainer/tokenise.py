"""The tokenise command: hash and counts of a file, so that reproducibility level R1 can be checked without training."""

from pathlib import Path
from typing import Any

from .data import read_rows, stream_sha256
from .errors import Refused
from .tokens import Tokens


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Counts over all sequences of the file; lengths in tokens."""
    kind = request.get("kind")
    if kind not in ("sft", "dpo"):
        raise Refused("bad-request", f"kind must be sft or dpo, got {kind!r}")
    tokens = Tokens(Path(request["base"]), tuple(request.get("endOfTurn") or ()))
    rows = read_rows(Path(request["rows"]), tokens, kind, request.get("lossOn") or "assistant")
    sequences = [sequence for row in rows for sequence in row.sequences]
    return {
        "sha256": stream_sha256(rows),
        "rows": len(rows),
        "sequences": len(sequences),
        "total": sum(len(sequence.ids) for sequence in sequences),
        "supervised": sum(sequence.supervised for sequence in sequences),
        "longest": max(len(sequence.ids) for sequence in sequences),
        "longestPrompt": max(sequence.prompt_tokens for sequence in sequences),
    }
