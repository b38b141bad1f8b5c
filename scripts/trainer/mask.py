"""Which tokens are learned: spans from prefix rendering, pieces encoded on their own (protocol, "Tokens and the mask")."""

from dataclasses import dataclass

from .errors import Refused
from .tokens import Message, Tokens


@dataclass(frozen=True)
class Sequence:
    """Token ids with their mask, and the length of the prompt before the last supervised span."""

    ids: list[int]
    mask: list[int]
    prompt_tokens: int

    @property
    def supervised(self) -> int:
        return sum(self.mask)


def check_content(tokens: Tokens, messages: list[Message]) -> None:
    """Refuse content that could forge a turn."""
    for message in messages:
        for special in tokens.specials:
            if special in message["content"]:
                raise Refused("special-token-in-content", f"a {message['role']} message holds the text {special!r}", "remove the row or the text")


def span(tokens: Tokens, messages: list[Message], turn: int, whole: str) -> tuple[int, int]:
    """Start and end, in characters of `whole`, of the assistant turn and its end-of-turn text."""
    before = tokens.render(messages[:turn], True)
    through = tokens.render(messages[: turn + 1], False)
    if not through.startswith(before) or not whole.startswith(through):
        raise Refused("template-not-prefix-stable", f"the render of turn {turn} is not a prefix of the whole render")
    ends = [at + len(text) for text in tokens.end_of_turn if (at := through.find(text, len(before))) >= 0]
    if not ends:
        raise Refused("no-end-of-turn", f"the render of turn {turn} holds none of {list(tokens.end_of_turn)!r}")
    return len(before), min(ends)


def supervise(tokens: Tokens, messages: list[Message], turns: list[int]) -> Sequence:
    """Render, cut at the supervised spans, encode each piece on its own."""
    check_content(tokens, messages)
    whole = tokens.render(messages, False)
    ids: list[int] = []
    mask: list[int] = []
    at = prompt = 0
    for start, end in [span(tokens, messages, turn, whole) for turn in turns]:
        for text, value in ((whole[at:start], 0), (whole[start:end], 1)):
            if value:
                prompt = len(ids)
            piece = tokens.encode(text) if text else []
            ids += piece
            mask += [value] * len(piece)
        at = end
    tail = tokens.encode(whole[at:]) if whole[at:] else []
    if not any(mask) or mask[0]:
        raise Refused("nothing-supervised", "the row has no assistant turn that can be learned")
    return Sequence(ids + tail, mask + [0] * len(tail), prompt)


def sft_sequence(tokens: Tokens, messages: list[Message], loss_on: str) -> Sequence:
    """One chat; every assistant turn is supervised, or only the last message."""
    turns = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
    if loss_on == "last":
        turns = turns[-1:] if turns and turns[-1] == len(messages) - 1 else []
    return supervise(tokens, messages, turns)


def dpo_sequences(tokens: Tokens, prompt: list[Message], chosen: list[Message], rejected: list[Message]) -> tuple[Sequence, Sequence]:
    """Chosen and rejected over the same prompt; only the answer is supervised."""
    first, second = (supervise(tokens, [*prompt, *answer], [len(prompt)]) for answer in (chosen, rejected))
    return first, second
