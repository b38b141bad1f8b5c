"""Starts, watches and stops one training process on the machine it runs on. Standard library only, Python 3.8 or later.

One JSON request on standard input, one JSON answer on standard output. No value of a request is ever
part of a command line but `python`, which must be a file. The lock on `held` is inherited by the trainer
and lives exactly as long as it: who holds it is running, whatever process ids say.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time


def read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def write_json(path, value):
    temp = "%s.%d.tmp" % (path, os.getpid())
    with open(temp, "w", encoding="utf-8") as file:
        json.dump(value, file, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temp, path)


def boot_id():
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        found = subprocess.run(["sysctl", "-n", "kern.boottime"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return found.stdout.decode("utf-8", "replace").strip() or None


def start_of(pid):
    """When a process started, as text that is the same each time it is asked."""
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return found.stdout.decode("utf-8", "replace").strip() or None


def take(folder):
    """The run's lock, or None while a trainer (or another agent) holds it."""
    handle = os.open(os.path.join(folder, "held"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    except OSError:
        os.close(handle)
        return None


def take_patiently(folder):
    """A status question holds the lock for an instant: that is not a running trainer."""
    for _ in range(5):
        if (held := take(folder)) is not None:
            return held
        time.sleep(0.04)
    return None


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def state_of(folder):
    """Derived each time: finished, running, crashed, restarted (the machine) or absent."""
    held = take(folder) if os.path.isdir(folder) else None
    proc = read_json(os.path.join(folder, "proc.json"))
    ended = read_json(os.path.join(folder, "exit.json"))
    heartbeat = read_json(os.path.join(folder, "heartbeat"))
    if held is not None:
        os.close(held)
    elif os.path.isdir(folder):
        return {"state": "running", "proc": proc, "exit": None, "heartbeat": heartbeat}
    if ended is not None:
        return {"state": "finished", "proc": proc, "exit": ended, "heartbeat": heartbeat}
    if proc is None:
        return {"state": "absent", "proc": None, "exit": None, "heartbeat": None}
    state = "crashed" if proc.get("boot") == boot_id() else "restarted"
    return {"state": state, "proc": proc, "exit": None, "heartbeat": heartbeat}


def launch(request):
    """Idempotent: a finished run stays finished, a running one is adopted, anything else goes on from its checkpoint."""
    folder = request["folder"]
    os.makedirs(folder, mode=0o700, exist_ok=True)
    held = take_patiently(folder)
    if held is None:
        return dict(state_of(folder), launched=False)
    ended = read_json(os.path.join(folder, "exit.json"))
    if ended is not None and ended.get("code") == 0:
        os.close(held)
        return dict(state_of(folder), launched=False)
    for name in ("exit.json", "stop", "answer.json"):
        remove(os.path.join(folder, name))
    write_json(os.path.join(folder, "launch.json"), request["trainer"])
    environment = dict(os.environ, PYTHONPATH=request["scripts"], PYTHONDONTWRITEBYTECODE="1", **request.get("env", {}))
    with open(os.path.join(folder, "launch.json"), "rb") as given, open(os.path.join(folder, "answer.json"), "wb") as answer, open(
        os.path.join(folder, "log"), "ab"
    ) as log:
        child = subprocess.Popen(
            [request["python"], "-m", "trainer"],
            stdin=given, stdout=answer, stderr=log, cwd=folder, env=environment, start_new_session=True, pass_fds=[held],
        )  # fmt: skip
    write_json(os.path.join(folder, "proc.json"), {"pid": child.pid, "start": start_of(child.pid), "boot": boot_id()})
    os.close(held)
    return dict(state_of(folder), launched=True)


def stop(request):
    """Asks the trainer to leave with a checkpoint; after `graceS` seconds the process group is killed."""
    folder = request["folder"]
    now = state_of(folder)
    if now["state"] != "running":
        return now
    write_json(os.path.join(folder, "stop"), {})
    pid = (now["proc"] or now["heartbeat"] or {}).get("pid")
    signal_group(pid, now, signal.SIGTERM)
    until = time.monotonic() + float(request.get("graceS", 60))
    while time.monotonic() < until:
        if (now := state_of(folder))["state"] != "running":
            return now
        time.sleep(0.1)
    signal_group(pid, now, signal.SIGKILL)
    time.sleep(0.2)
    return state_of(folder)


def signal_group(pid, now, number):
    """Only a process that is certainly the one we started: same pid and same start time."""
    proc = now["proc"]
    if not proc or proc.get("pid") != pid or start_of(pid) != proc.get("start"):
        return
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


COMMANDS = {"launch": launch, "status": lambda request: state_of(request["folder"]), "stop": stop}


def main():
    try:
        request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
        answer = dict(COMMANDS[request["command"]](request), ok=True)
    except Exception as error:  # the one place where a bug becomes an answer
        answer = {"ok": False, "reason": "%s: %s" % (type(error).__name__, error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
