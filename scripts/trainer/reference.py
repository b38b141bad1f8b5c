"""The reference command: what torch answers, for the parity check of every other engine."""

from pathlib import Path
from typing import Any

from .data import messages_of
from .export import merged_model
from .model import deterministic
from .sample import answers, sampler
from .tokens import Tokens


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Greedy ids, text and first log-probabilities of each prompt; ids of each fuzz text."""
    base, adapter = Path(request["base"]), request.get("adapter")
    deterministic(int(request.get("threads") or 1))
    tokens = Tokens(base)
    prompts = [messages_of({"prompt": prompt}, "prompt") for prompt in request.get("prompts") or []]
    ids = [tokens.encode(tokens.render(prompt, True)) for prompt in prompts]
    found = []
    if ids:
        net = merged_model(base, Path(adapter) if adapter else None)
        draw = sampler(float(request.get("temperature") or 0), int(request.get("seed") or 0))
        found = answers(net, ids, tokens.end_ids, int(request.get("maxTokens") or 40), draw)
    return {
        "prompts": [
            {"promptIds": prompt, **answer, "text": tokens.decode(answer["ids"])} for prompt, answer in zip(ids, found, strict=True)
        ],
        "texts": [tokens.encode_content(text) for text in request.get("texts") or []],
    }
