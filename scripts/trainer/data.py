"""Rows from JSON lines, their token sequences, and the hash that TypeScript must have got too."""

import array
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import Integrity, Refused
from .mask import Sequence, dpo_sequences, sft_sequence
from .tokens import Message, Tokens

ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True)
class Example:
    """One row: an SFT chat has one sequence, a DPO pair has chosen and rejected."""

    sequences: tuple[Sequence, ...]
    prompt: list[Message]

    @property
    def tokens(self) -> int:
        return sum(len(sequence.ids) for sequence in self.sequences)


def messages_of(row: Any, key: str) -> list[Message]:
    """A list of {role, content} with known roles and text content, else a refusal."""
    value = row.get(key) if isinstance(row, dict) else None
    if not isinstance(value, list) or not value:
        raise Refused("bad-row", f"{key} must be a list of messages")
    for message in value:
        good = isinstance(message, dict) and message.get("role") in ROLES and isinstance(message.get("content"), str)
        if not good:
            raise Refused("bad-row", f"{key} holds a message without a known role and text content")
    return [{"role": message["role"], "content": message["content"]} for message in value]


def answer_of(row: Any, key: str) -> list[Message]:
    messages = messages_of(row, key)
    if len(messages) != 1 or messages[0]["role"] != "assistant":
        raise Refused("bad-row", f"{key} must hold exactly one assistant message")
    return messages


def example(tokens: Tokens, row: Any, kind: str, loss_on: str) -> Example:
    """Tokens and mask of one parsed row."""
    if kind == "sft":
        messages = messages_of(row, "messages")
        last = max((i for i, message in enumerate(messages) if message["role"] == "assistant"), default=0)
        return Example((sft_sequence(tokens, messages, loss_on),), messages[:last])
    prompt = messages_of(row, "prompt")
    pair = dpo_sequences(tokens, prompt, answer_of(row, "chosen"), answer_of(row, "rejected"))
    return Example(pair, prompt)


def read_rows(path: Path, tokens: Tokens, kind: str, loss_on: str) -> list[Example]:
    """Every row of a JSON-lines file as an example; a bad one is refused with its line number."""
    if not path.is_file():
        raise Refused("bad-request", f"no such data file: {path.name}")
    rows: list[Example] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(example(tokens, json.loads(line), kind, loss_on))
        except json.JSONDecodeError as error:
            raise Refused("bad-row", f"{path.name}:{number} is not JSON: {error.msg}") from error
        except Refused as error:
            raise Refused(error.code, f"{path.name}:{number} {error.reason}", error.fix) from error
    if not rows:
        raise Refused("bad-row", f"{path.name} has no rows")
    return rows


def check_lengths(rows: list[Example], name: str, max_tokens: int, max_prompt: int | None) -> None:
    """Refuse a row over the limit: silent truncation teaches half answers."""
    for number, row in enumerate(rows, 1):
        for sequence in row.sequences:
            if len(sequence.ids) > max_tokens:
                raise Refused("overlength", f"{name} row {number} has {len(sequence.ids)} tokens, length.max is {max_tokens}")
            if max_prompt is not None and sequence.prompt_tokens > max_prompt:
                raise Refused("overlength", f"{name} row {number} has a prompt of {sequence.prompt_tokens} tokens, length.maxPrompt is {max_prompt}")


def little_endian_u32(values: list[int]) -> bytes:
    words = array.array("I", values)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()


def stream_sha256(rows: list[Example]) -> str:
    """SHA-256 over count, ids and mask of every sequence in file order."""
    state = hashlib.sha256()
    for row in rows:
        for sequence in row.sequences:
            state.update(little_endian_u32([len(sequence.ids), *sequence.ids]))
            state.update(bytes(sequence.mask))
    return state.hexdigest()


def check_stream(rows: list[Example], expected: str | None, name: str) -> None:
    """Stop when Python's tokens are not the ones that were checked and priced."""
    if expected is not None and (actual := stream_sha256(rows)) != expected:
        raise Integrity("token-hash", f"{name}: token stream {actual} differs from the lock's {expected}", "the tokenizer, template or data differ from those of the lock")
