"""Every bad request has its own exit code and word, before any work."""

import io
import json

import pytest
from conftest import BASE, lock, request

from trainer import __main__, lock as lock_module
from trainer.errors import Integrity, Refused


def answer_to(text, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code = __main__.main()
    return code, json.loads(capsys.readouterr().out)


def send(body, monkeypatch, capsys):
    return answer_to(json.dumps({"schema": "workbench/trainer-request@1", **body}), monkeypatch, capsys)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema":"workbench/trainer-request@1","command":"rm -rf /"}', '{"schema":"workbench/trainer-request@1","command":"train"}'],
)
def test_what_is_no_request_is_refused(text, monkeypatch, capsys):
    code, answer = answer_to(text, monkeypatch, capsys)
    assert (code, answer["ok"], answer["code"]) == (2, False, "bad-request")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"optim__lrr": 1}, "unknown-value"),
        ({"optim__lr": "2e-3"}, "bad-value"),
        ({"optim__lr": float("inf")}, "bad-value"),
        ({"optim__epochs": 1.5}, "bad-value"),
        ({"optim__schedule": "wavy"}, "unsupported-value"),
        ({"adapter__quant": "nf4"}, "unsupported-value"),
        ({"adapter__targets": ["__class__"]}, "unsupported-value"),
        ({"run__engine": "trl"}, "unsupported-value"),
        ({"dpo__beta": 0.1}, "unknown-value"),
    ],
)
def test_bad_values_are_refused_by_name(changes, code):
    with pytest.raises(Refused) as refusal:
        lock_module.settings(lock(**changes))
    assert refusal.value.code == code
    assert next(iter(changes)).replace("__", ".") in refusal.value.reason


def test_a_missing_value_is_refused_never_defaulted():
    recipe = lock()
    del recipe["effective"]["optim.clip"]
    with pytest.raises(Refused, match="optim.clip"):
        lock_module.settings(recipe)


@pytest.mark.parametrize("method", ["reward", "grpo", "distill", None])
def test_unsupported_methods_leave_a_reason(method, tmp_path, monkeypatch, capsys):
    body = request(tmp_path, {**lock(), "method": method})
    code, answer = send(body, monkeypatch, capsys)
    assert (code, answer["code"]) == (2, "unsupported-method")
    assert json.loads((tmp_path / "run/exit.json").read_text())["reason"] == "unsupported-method"


def test_a_foreign_token_hash_is_an_integrity_failure(tmp_path, monkeypatch, capsys):
    code, answer = send(request(tmp_path, {**lock(), "tokens": {"trainSha256": "0" * 64}}), monkeypatch, capsys)
    assert (code, answer["code"]) == (Integrity.exit_code, "token-hash")


def test_the_tokenise_command_gives_the_hash_that_train_checks(tmp_path, monkeypatch, capsys):
    data = request(tmp_path, lock())["data"]
    code, answer = send({"command": "tokenise", "base": str(BASE), "rows": data["train"], "kind": "sft"}, monkeypatch, capsys)
    assert code == 0 and answer["rows"] == 24 and 0 < answer["supervised"] < answer["total"]
    from trainer.data import check_stream, read_rows
    from trainer.tokens import Tokens
    from pathlib import Path

    check_stream(read_rows(Path(data["train"]), Tokens(BASE), "sft", "assistant"), answer["sha256"], "train")


def test_a_row_over_the_limit_is_refused_with_its_number(tmp_path, monkeypatch, capsys):
    code, answer = send(request(tmp_path, lock(length__max=20)), monkeypatch, capsys)
    assert (code, answer["code"]) == (2, "overlength") and "row 1" in answer["reason"]
