# Runs inside the sandbox: the tests against each version of the subject, one process and one fresh
# folder each. A process knows neither which version it tests nor the nonce that makes a result ours.
import json
import os
import shutil
import subprocess
import sys

CHILD = """
import sys
sys.path.insert(0, ".")
import tests
found = [value for name, value in vars(tests).items() if name.startswith("test_") and callable(value)]
for test in found:
    test()
"""

job = json.load(sys.stdin)
results = {}
for name, source in job["versions"]:
    shutil.rmtree("/tmp/work", ignore_errors=True)
    os.mkdir("/tmp/work")
    for path, text in (("subject.py", source), ("tests.py", job["tests"])):
        with open(f"/tmp/work/{path}", "w") as file:
            file.write(text)
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    argv = [sys.executable, "-I", "-S", "-c", CHILD]
    try:
        ran = subprocess.run(argv, cwd="/tmp/work", timeout=job["eachMs"] / 1000, **quiet)
        results[name] = "passed" if ran.returncode == 0 else "failed"
    except subprocess.TimeoutExpired:
        results[name] = "failed"
sys.stdout.write("\n" + json.dumps({"nonce": job["nonce"], "results": results}) + "\n")
