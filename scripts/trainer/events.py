"""The journal (metrics.jsonl) and the heartbeat: what a watcher reads while the run lives."""

import json
import math
import os
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .errors import Integrity
from .files import write_json

BEAT_S = 5.0


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def finite(value: Any) -> Any:
    """A number that JSON can not say becomes null, also inside objects."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Journal:
    """Append-only numbered lines; a key that is there already is not written again."""

    def __init__(self, path: Path):
        self.seq, self.keys = 0, set()
        kept = self.recover(path) if path.exists() else b""
        self.file = open(path, "ab")
        self.file.truncate(len(kept))

    def recover(self, path: Path) -> bytes:
        """Read what is there; cut a torn last line, refuse a torn middle one."""
        data = path.read_bytes()
        kept = data[: data.rfind(b"\n") + 1]
        for line in kept.splitlines():
            try:
                entry = json.loads(line)
                self.seq, _ = entry["seq"], self.keys.add(entry["key"])
            except (ValueError, KeyError, TypeError) as error:
                raise Integrity("journal", f"metrics.jsonl is damaged after line {self.seq}") from error
        return kept

    def write(self, kind: str, key: str, data: dict[str, Any]) -> None:
        name = f"{kind}:{key}"
        if name in self.keys:
            return
        self.seq += 1
        self.keys.add(name)
        entry = {"seq": self.seq, "at": now(), "kind": kind, "key": name, "data": finite(data)}
        self.file.write((json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n").encode())
        self.file.flush()

    def sync(self) -> None:
        """Make every line durable."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def close(self) -> None:
        self.sync()
        self.file.close()


class Heartbeat:
    """Rewrites the heartbeat file every five seconds from a thread of its own."""

    def __init__(self, path: Path):
        self.path, self.step = path, 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True)
        self.thread.start()

    def beat(self) -> None:
        while True:
            write_json(self.path, {"at": now(), "step": self.step, "pid": os.getpid()})
            if self.done.wait(BEAT_S):
                return

    def stop(self) -> None:
        self.done.set()
        self.thread.join()
