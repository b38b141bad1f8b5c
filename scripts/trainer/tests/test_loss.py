"""The gradient: accumulation, packing and the preference loss are what they say."""

import math

import pytest
import torch
from conftest import BASE, chat, lock, pair

from trainer import model, schedule
from trainer.data import example
from trainer.dpo import Dpo
from trainer.layout import Order
from trainer.lock import settings
from trainer.sft import Sft


def adapted(method: str = "sft") -> torch.nn.Module:
    model.deterministic(1)
    torch.manual_seed(1)
    net = model.lora(model.load_base(BASE, torch.float32), settings(lock(method, adapter__dropout=0)))
    with torch.no_grad():
        for name, value in model.trained(net).items():
            if "lora_B" in name:
                value.normal_(0, 0.02)
    return net.eval()


def gradient(net: torch.nn.Module, objective: Sft, rows: list, batch: int) -> torch.Tensor:
    net.zero_grad()
    size = objective.step_size(rows)
    for at in range(0, len(rows), batch):
        objective.micro(rows[at : at + batch], size)[0].backward()
    return torch.cat([value.grad.flatten() for value in model.trained(net).values()])


def test_accumulation_and_packing_equal_one_big_batch(tokens):
    net = adapted()
    rows = [example(tokens, chat(index), "sft", "assistant") for index in range(16)]
    padded, packed = (Sft(net, packing, torch.device("cpu")) for packing in (False, True))
    whole = gradient(net, padded, rows, 16)
    assert whole.norm() > 1e-3
    for other in (gradient(net, padded, rows, 4), gradient(net, padded, rows, 1), gradient(net, packed, rows, 8)):
        assert torch.allclose(whole, other, rtol=1e-5, atol=1e-6)


def test_dpo_starts_at_ln_2_and_its_reference_is_the_start(tokens):
    net = adapted("dpo")
    rows = [example(tokens, pair(index), "dpo", "assistant") for index in range(6)]
    objective = Dpo(net, 0.1, 0.0, False, torch.device("cpu"))
    objective.take_reference(rows, 3)
    assert objective.check_start(rows[:4]) == pytest.approx(math.log(2), abs=1e-6)
    loss, figures = objective.micro(rows, objective.step_size(rows))
    assert loss.item() == pytest.approx(math.log(2), abs=1e-6)
    assert figures["margin"] == pytest.approx(0, abs=1e-5)


def test_dpo_with_a_foreign_reference_is_an_integrity_failure(tokens):
    from trainer.errors import Integrity

    net = adapted("dpo")
    rows = [example(tokens, pair(index), "dpo", "assistant") for index in range(2)]
    objective = Dpo(net, 0.1, 0.0, False, torch.device("cpu"))
    objective.take_reference(rows, 2)
    with torch.no_grad():
        next(iter(model.trained(net).values())).add_(0.5)
    with pytest.raises(Integrity):
        objective.check_start(rows)


def test_the_anchor_adds_nll_per_chosen_token(tokens):
    net = adapted("dpo")
    rows = [example(tokens, pair(index), "dpo", "assistant") for index in range(3)]
    plain, anchored = (Dpo(net, 0.1, anchor, False, torch.device("cpu")) for anchor in (0.0, 2.0))
    for objective in (plain, anchored):
        objective.take_reference(rows, 3)
    size = plain.step_size(rows)
    first, figures = plain.micro(rows, size)
    second, _ = anchored.micro(rows, size)
    assert second.item() - first.item() == pytest.approx(2.0 * -figures["chosenLogp"] / size["supervised"], rel=1e-5)


def test_schedules_have_their_worked_values():
    plan = settings(lock(optim__lr=1, optim__schedule="linear", optim__warmupSteps=2))
    assert [schedule.rate(plan, step, 6) for step in range(1, 7)] == pytest.approx([0.5, 1, 1, 0.75, 0.5, 0.25])


def test_order_depends_on_seed_and_epoch_and_visits_each_row_once():
    order = Order(10, 4, 7)
    first = [index for step in (1, 2, 3) for index in order.step(step)]
    second = [index for step in (4, 5, 6) for index in order.step(step)]
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert Order(10, 4, 7).step(5) == second[4:8]
    assert Order(10, 4, 8).step(1) != first[:4]
