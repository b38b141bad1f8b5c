"""Answers: a check by eye while training, and the reference that every other engine must match."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch

from .tokens import Message, Tokens

Draw = Callable[[torch.Tensor], torch.Tensor]  # logits [rows, vocabulary] → token ids [rows, 1]


def most_likely(logits: torch.Tensor) -> torch.Tensor:
    """The most likely token."""
    return logits.argmax(-1, keepdim=True)


def sampler(temperature: float, seed: int) -> Draw:
    """Draws from softmax(logits ÷ temperature) with a generator of its own; temperature 0 is greedy."""
    if temperature <= 0:
        return most_likely
    generator = torch.Generator().manual_seed(seed)
    return lambda logits: torch.multinomial((logits.cpu() / temperature).softmax(-1), 1, generator=generator).to(logits.device)


@torch.no_grad()
def answers(
    model: torch.nn.Module, prompts: list[list[int]], end_ids: list[int], limit: int, draw: Draw = most_likely
) -> list[dict[str, Any]]:
    """Continuation of each prompt: ids without the end token, finish, first log-probabilities.

    Prompts of equal length share a batch, so nothing is padded and no prompt can see another.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for index, prompt in enumerate(prompts):
        groups[len(prompt)].append(index)
    out: list[dict[str, Any]] = [{} for _ in prompts]
    for members in groups.values():
        for at in range(0, len(members), 32):
            part = members[at : at + 32]
            for index, answer in zip(part, run_group(model, [prompts[i] for i in part], end_ids, limit, draw), strict=True):
                out[index] = answer
    return out


def run_group(
    model: torch.nn.Module, prompts: list[list[int]], end_ids: list[int], limit: int, draw: Draw
) -> list[dict[str, Any]]:
    device = next(model.parameters()).device
    out: list[dict[str, Any]] = [{"ids": [], "finish": "length"} for _ in prompts]
    step_ids, cache = torch.tensor(prompts, device=device), None
    for position in range(limit):
        result = model(input_ids=step_ids, past_key_values=cache, use_cache=True)
        logits, cache = result.logits[:, -1].float(), result.past_key_values
        if position == 0:
            for answer, row in zip(out, logits.log_softmax(-1).tolist(), strict=True):
                answer["logprobs"] = row
        step_ids = draw(logits)
        for answer, token in zip(out, step_ids[:, 0].tolist(), strict=True):
            if answer["finish"] == "length":
                if token in end_ids:
                    answer["finish"] = "stop"
                else:
                    answer["ids"].append(token)
        if all(answer["finish"] == "stop" for answer in out):
            break
    return out


def samples(model: torch.nn.Module, tokens: Tokens, prompts: list[list[Message]], limit: int = 64) -> list[dict[str, Any]]:
    """Text and finish of the greedy answer to each prompt."""
    ids = [tokens.encode(tokens.render(prompt, True)) for prompt in prompts]
    found = answers(model, ids, tokens.end_ids, limit)
    return [{"text": tokens.decode(answer["ids"]), "finish": answer["finish"]} for answer in found]
