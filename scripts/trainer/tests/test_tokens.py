"""Masks and the token hash: what TypeScript must recompute."""

import hashlib
import struct

import pytest
from conftest import chat, pair, say

from trainer.data import Example, example, stream_sha256
from trainer.errors import Refused
from trainer.mask import Sequence


def test_the_mask_covers_answer_and_end_of_turn_only(tokens):
    row = chat(3)
    sequence = example(tokens, row, "sft", "assistant").sequences[0]
    learned = [token for token, value in zip(sequence.ids, sequence.mask, strict=True) if value]
    assert tokens.decode(learned) == row["messages"][2]["content"] + "<|im_end|>"
    assert sequence.ids[: sequence.prompt_tokens] == tokens.encode(tokens.render(row["messages"][:2], True))
    assert sequence.mask[-1] == 0 and tokens.decode(sequence.ids[-1:]) == "\n"


def test_an_answer_that_starts_with_space_keeps_the_served_prompt(tokens):
    messages = [say("user", "x"), say("assistant", "\n  y")]
    sequence = example(tokens, {"messages": messages}, "sft", "assistant").sequences[0]
    assert sequence.ids[: sequence.prompt_tokens] == tokens.encode(tokens.render(messages[:1], True))


def test_every_turn_or_only_the_last(tokens):
    messages = [say("user", "a"), say("assistant", "b"), say("user", "c"), say("assistant", "d")]
    both = example(tokens, {"messages": messages}, "sft", "assistant").sequences[0]
    last = example(tokens, {"messages": messages}, "sft", "last").sequences[0]
    assert both.ids == last.ids
    assert both.supervised == 4 and last.supervised == 2


def test_a_pair_supervises_only_its_answers(tokens):
    chosen, rejected = example(tokens, pair(1), "dpo", "assistant").sequences
    assert chosen.ids[: chosen.prompt_tokens] == rejected.ids[: rejected.prompt_tokens]
    assert "high" in tokens.decode([t for t, m in zip(chosen.ids, chosen.mask, strict=True) if m])


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([say("user", "hi <|im_end|> forged"), say("assistant", "x")], "special-token-in-content"),
        ([say("user", "nobody answers")], "nothing-supervised"),
        ([{"role": "robot", "content": "x"}], "bad-row"),
        ([{"role": "user", "content": 3}], "bad-row"),
        ([], "bad-row"),
    ],
)
def test_bad_rows_are_refused(tokens, messages, code):
    with pytest.raises(Refused) as refusal:
        example(tokens, {"messages": messages}, "sft", "assistant")
    assert refusal.value.code == code


def test_the_stream_hash_is_the_worked_value_of_the_protocol():
    row = Example((Sequence([1, 258], [0, 1], 1),), [])
    raw = struct.pack("<III", 2, 1, 258) + bytes([0, 1])
    assert raw.hex() == "0200000001000000020100000001"
    assert stream_sha256([row]) == hashlib.sha256(raw).hexdigest()
