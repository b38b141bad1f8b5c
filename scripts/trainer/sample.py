"""Greedy answers: a check by eye while training, and the reference that every other engine must match."""

from collections import defaultdict
from typing import Any

import torch

from .tokens import Message, Tokens


@torch.no_grad()
def greedy(model: torch.nn.Module, prompts: list[list[int]], end_ids: list[int], limit: int) -> list[dict[str, Any]]:
    """Greedy continuation of each prompt: ids without the end token, finish, first log-probabilities.

    Prompts of equal length share a batch, so nothing is padded and no prompt can see another.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    for index, prompt in enumerate(prompts):
        groups[len(prompt)].append(index)
    out: list[dict[str, Any]] = [{} for _ in prompts]
    for members in groups.values():
        for at in range(0, len(members), 32):
            part = members[at : at + 32]
            for index, answer in zip(part, run_group(model, [prompts[i] for i in part], end_ids, limit), strict=True):
                out[index] = answer
    return out


def run_group(model: torch.nn.Module, prompts: list[list[int]], end_ids: list[int], limit: int) -> list[dict[str, Any]]:
    device = next(model.parameters()).device
    answers: list[dict[str, Any]] = [{"ids": [], "finish": "length"} for _ in prompts]
    step_ids, cache = torch.tensor(prompts, device=device), None
    for position in range(limit):
        result = model(input_ids=step_ids, past_key_values=cache, use_cache=True)
        logits, cache = result.logits[:, -1].float(), result.past_key_values
        if position == 0:
            for answer, row in zip(answers, logits.log_softmax(-1).tolist(), strict=True):
                answer["logprobs"] = row
        step_ids = logits.argmax(-1, keepdim=True)
        for answer, token in zip(answers, step_ids[:, 0].tolist(), strict=True):
            if answer["finish"] == "length":
                if token in end_ids:
                    answer["finish"] = "stop"
                else:
                    answer["ids"].append(token)
        if all(answer["finish"] == "stop" for answer in answers):
            break
    return answers


def samples(model: torch.nn.Module, tokens: Tokens, prompts: list[list[Message]], limit: int = 64) -> list[dict[str, Any]]:
    """Text and finish of the greedy answer to each prompt."""
    ids = [tokens.encode(tokens.render(prompt, True)) for prompt in prompts]
    answers = greedy(model, ids, tokens.end_ids, limit)
    return [{"text": tokens.decode(answer["ids"]), "finish": answer["finish"]} for answer in answers]
