# Runs inside the sandbox. Each test has a process and a folder of its own, which runs the answer, then
# the test, and only then reads what it has to repeat; so an answer that ends early has not passed. The
# nonce that makes a report ours is never in the memory of a process that runs an answer.
import json
import os
import select
import signal
import subprocess
import sys
import time

CHILD = """
import os, sys
sys.path.insert(0, os.getcwd())
out = int(sys.argv[1])
try:
    space = {"__name__": "answer"}
    for name in ("setup.py", "answer.py", "test.py"):
        with open(name, encoding="utf-8") as file:
            source = file.read()
        exec(compile(source, name, "exec"), space)
except BaseException as error:
    os.write(out, f"{type(error).__name__}: {error}"[:200].encode("utf-8", "replace"))
    os._exit(1)
os.write(out, os.read(0, 64))
os._exit(0)
"""


def run(job, index):
    folder = f"test-{index}"
    os.mkdir(folder)
    for name, text in (("setup.py", job["setup"]), ("answer.py", job["code"]), ("test.py", job["tests"][index])):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    token = os.urandom(16).hex()
    told, out = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", CHILD, str(out)],
        cwd=folder, pass_fds=(out,), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)
    os.close(out)
    try:
        child.stdin.write(token.encode())
        child.stdin.close()
    except BrokenPipeError:
        pass
    text = listen(told, time.monotonic() + job["eachMs"] / 1000)
    os.close(told)
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
    if text is None:
        return "it took too long"
    return None if text == token else text or "it ended before the test did"


def listen(told, until):
    text = b""
    while len(text) < 256:
        ready, _, _ = select.select([told], [], [], max(0, until - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(told, 256)
        if not chunk:
            break
        text += chunk
    return text.decode("utf-8", "replace")


job = json.load(sys.stdin)
print(json.dumps({"nonce": job["nonce"], "ready": True}), flush=True)
results = [run(job, index) for index in range(len(job["tests"]))]
print(json.dumps({"nonce": job["nonce"], "results": results}), flush=True)
