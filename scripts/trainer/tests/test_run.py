"""Whole runs in real processes: kill and resume, asking again, refusals, divergence, stopping."""

import json
import signal
import time
from pathlib import Path

from conftest import ask_trainer, launch, lock, request

from trainer.files import sha256_file


def adapter_hash(folder: Path) -> str:
    return sha256_file(folder / "run/adapter/adapter_model.safetensors")


def journal(folder: Path) -> list[dict]:
    lines = (folder / "run/metrics.jsonl").read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]


def wait_for_step(folder: Path, step: int) -> None:
    for _ in range(2400):
        if (folder / "run/metrics.jsonl").exists() and any(entry["key"] == f"train.step:{step}" for entry in journal(folder)):
            return
        time.sleep(0.05)
    raise AssertionError(f"step {step} never came")


def test_killed_and_resumed_equals_straight(tmp_path):
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    for folder in (straight, broken):
        folder.mkdir()
    body = request(broken, lock(optim__epochs=4))
    process = launch(body)
    wait_for_step(broken, 8)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (broken / "run/exit.json").exists()
    newest = sorted((broken / "run/ckpt").glob("step-*"))[-1]
    (newest / "weights.safetensors").write_bytes(b"rot")  # the newest is damaged: the one before must serve
    code, answer = ask_trainer(body)
    assert (code, answer["reason"], answer["lastStep"]) == (0, "finished", 24)
    assert ask_trainer(request(straight, lock(optim__epochs=4)))[0] == 0
    assert adapter_hash(straight) == adapter_hash(broken)
    keys = [entry["key"] for entry in journal(broken)]
    assert len(keys) == len(set(keys)) and [e["seq"] for e in journal(broken)] == list(range(1, len(keys) + 1))
    assert ask_trainer(body) == (0, {"schema": "workbench/trainer-answer@1", "ok": True, "command": "train", "already": True, "reason": "finished", "lastStep": 24})
    for row in json.loads((broken / "run/artifacts.json").read_text())["files"]:
        assert sha256_file(broken / "run" / row["path"]) == row["sha256"]


def test_stop_saves_and_asking_again_finishes(tmp_path):
    body = request(tmp_path, lock("dpo", optim__epochs=6, adapter__dropout=0))
    process = launch(body)
    wait_for_step(tmp_path, 2)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["code"]) == (130, "stopped")
    record = json.loads((tmp_path / "run/exit.json").read_text())
    assert (record["reason"], record["signal"]) == ("stopped", "SIGTERM") and 2 <= record["lastStep"] < 36
    assert ask_trainer(body)[1]["lastStep"] == 36


def test_divergence_is_null_and_leaves_the_last_good_checkpoint(tmp_path):
    body = request(tmp_path, lock(optim__lr=1e30, optim__clip=None, optim__weightDecay=0, optim__warmupSteps=0, run__saveEverySteps=1))
    code, answer = ask_trainer(body)
    assert (code, answer["code"]) == (4, "nonfinite")
    steps = [entry for entry in journal(tmp_path) if entry["kind"] == "train.step"]
    assert steps[-1]["data"]["loss"] is None or steps[-1]["data"]["gradNorm"] is None
    assert journal(tmp_path)[-1]["data"]["reason"] == "nonfinite"
    assert json.loads((tmp_path / "run/exit.json").read_text())["reason"] == "nonfinite"
