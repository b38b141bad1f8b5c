"""python -m trainer: read one request, do one command, answer with one line of JSON."""

import importlib
import json
import os
import sys
import traceback
from typing import Any

from .errors import Refused, Stop

os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"})
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

KEYS = {
    "train": {"lock", "base", "start", "data", "out", "threads", "maxSteps"},
    "export": {"base", "adapter", "out", "precision"},
    "reference": {"base", "adapter", "prompts", "texts", "maxTokens", "temperature", "seed", "threads"},
    "tokenise": {"base", "rows", "kind", "lossOn", "endOfTurn"},
    "pretrain": {"rows", "out", "steps", "batch", "lr", "seed", "threads"},
}
NEEDED = {
    "train": ("lock", "base", "data", "out"),
    "export": ("base", "out", "precision"),
    "reference": ("base",),
    "tokenise": ("base", "rows", "kind"),
    "pretrain": ("rows", "out"),
}


def parse(text: str) -> dict[str, Any]:
    """The request as a checked object, or a refusal that names the member."""
    try:
        request = json.loads(text)
    except ValueError as error:
        raise Refused("bad-request", f"standard input is not one JSON object: {error}") from error
    if not isinstance(request, dict) or request.get("schema") != "workbench/trainer-request@1":
        raise Refused("bad-request", 'the request must carry "schema":"workbench/trainer-request@1"')
    command = request.get("command")
    if not isinstance(command, str) or command not in KEYS:
        raise Refused("bad-request", f"unknown command {command!r}", f"one of {', '.join(KEYS)}")
    for key in request:
        if key not in KEYS[command] | {"schema", "command"}:
            raise Refused("bad-request", f"{command} knows no member {key!r}")
    for key in NEEDED[command]:
        if request.get(key) is None:
            raise Refused("bad-request", f"{command} needs {key!r}")
    for key in ("base", "out", "start", "adapter", "rows"):
        if key in request and request[key] is not None and (not isinstance(request[key], str) or "\0" in request[key]):
            raise Refused("bad-request", f"{key} must be a path")
    return request


def answer(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"schema": "workbench/trainer-answer@1", **value}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> int:
    command = None
    try:
        request = parse(sys.stdin.buffer.read().decode("utf-8", "strict"))
        command = request["command"]
        result = importlib.import_module(f"trainer.{command}").run(request)
        answer({"ok": True, "command": command, **result})
        return 0
    except Stop as stop:
        sys.stderr.write(f"{stop.code}: {stop.reason}\n")
        answer({"ok": False, "command": command, "code": stop.code, "reason": stop.reason, "fix": stop.fix})
        return stop.exit_code
    except Exception as error:  # the one place where a bug becomes an exit code
        traceback.print_exc()
        answer({"ok": False, "command": command, "code": "bug", "reason": f"{type(error).__name__}: {error}", "fix": None})
        return 1


if __name__ == "__main__":
    sys.exit(main())
