"""The run folder's own records: which request it belongs to, and how the run left."""

import json
from pathlib import Path
from typing import Any

from .errors import Integrity
from .files import digest, sha256_file, write_json


def finished(out: Path, limit: int | None) -> dict[str, Any] | None:
    """The exit record if nothing is left to do; otherwise it is taken away, for the run goes on."""
    path = out / "exit.json"
    if not path.exists():
        return None
    record = json.loads(path.read_text("utf-8"))
    short = record["reason"] == "max-steps" and (limit is None or record["lastStep"] < limit)
    if record["code"] == 0 and not short:
        return record
    path.unlink()
    (out / "stop").unlink(missing_ok=True)
    return None


def leave(out: Path, code: int, reason: str, last: dict[str, Any]) -> None:
    record = {"schema": "workbench/trainer-exit@1", "code": code, "signal": last["signal"], "reason": reason, "lastStep": last["step"]}
    write_json(out / "exit.json", record)


def check_same(request: dict[str, Any], out: Path) -> None:
    """One folder, one request: the digest of all inputs must be that of the first time."""
    base, start, data = Path(request["base"]), request.get("start"), request["data"]
    named = {"train": data["train"], "val": data.get("val"), "start": start and str(Path(start) / "adapter_model.safetensors")}
    inputs = {
        "lock": digest(request["lock"]),
        "base": {path.name: path.stat().st_size for path in sorted(base.glob("*.safetensors"))},
        **{name: sha256_file(Path(path)) if path and Path(path).is_file() else None for name, path in named.items()},
    }
    record = {"schema": "workbench/trainer-inputs@1", "inputs": inputs}
    path = out / "request.json"
    if path.exists() and json.loads(path.read_text("utf-8")) != record:
        raise Integrity("other-request", "this run folder belongs to another request", "use an empty folder")
    write_json(path, record)
