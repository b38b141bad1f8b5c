"""The base's tokenizer and chat template, used exactly as serving uses them."""

import json
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from .errors import Refused

Message = dict[str, str]


def text_of(token: Any) -> str:
    """A special token is written as text or as {"content": text}."""
    return (token or {}).get("content", "") if isinstance(token, dict) else (token or "")


class Tokens:
    """render and encode of one base folder, and the tokens that end a turn."""

    def __init__(self, base: Path, end_of_turn: tuple[str, ...] = ()):
        for name in ("tokenizer.json", "tokenizer_config.json"):
            if not (base / name).is_file():
                raise Refused("base-missing", f"the base folder has no {name}")
        self.tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.config = json.loads((base / "tokenizer_config.json").read_text("utf-8"))
        self.specials = sorted(
            token.content for token in self.tokenizer.get_added_tokens_decoder().values() if token.special
        )
        self.eos, self.bos = text_of(self.config.get("eos_token")), text_of(self.config.get("bos_token"))
        self.end_of_turn = end_of_turn or ((self.eos,) if self.eos else ())
        self.end_ids = [self.tokenizer.token_to_id(text) for text in self.end_of_turn]
        if not self.end_ids or None in self.end_ids:
            raise Refused("no-end-of-turn", f"the end-of-turn texts {list(self.end_of_turn)!r} are not single tokens of this base")
        self.template_text = self.read_template(base)
        self.template = self.compile(self.template_text)

    def read_template(self, base: Path) -> str:
        file = base / "chat_template.jinja"
        text = file.read_text("utf-8") if file.is_file() else self.config.get("chat_template")
        if not isinstance(text, str):
            raise Refused("base-missing", "the base has no chat template")
        return text

    def compile(self, text: str) -> Any:
        """Hugging Face's dialect, sandboxed: a template is data of the base, not our code."""
        env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
        env.filters["tojson"] = lambda value, **kw: json.dumps(value, ensure_ascii=False, indent=kw.get("indent"))

        def raise_exception(message: str) -> None:
            raise TemplateError(message)

        env.globals["raise_exception"] = raise_exception
        return env.from_string(text)

    def render(self, messages: list[Message], generation_prompt: bool) -> str:
        try:
            return self.template.render(
                messages=messages, add_generation_prompt=generation_prompt, bos_token=self.bos, eos_token=self.eos
            )
        except TemplateError as error:
            raise Refused("bad-row", f"the chat template refuses the messages: {error}") from error

    def encode(self, text: str) -> list[int]:
        """Ids of a rendered text; the text of a special token becomes that token."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def encode_content(self, text: str) -> list[int]:
        """Ids of plain content: the text of a special token is split like any other text."""
        self.tokenizer.encode_special_tokens = True
        try:
            return self.tokenizer.encode(text, add_special_tokens=False).ids
        finally:
            self.tokenizer.encode_special_tokens = False

    def decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=False)
