"""The official JSON Schema test suite, drafts 7 and 2020-12, as python-jsonschema carries it in its source package.

Nothing is computed here: the suite's cases (MIT, Julian Berman and contributors) are written one group a line.
`optional/format` is left out: `format` is an annotation, which no schema scorer asserts.

    python scripts/golden/json_schema_suite.py      # fetches the source package with pip, rewrites json_schema_suite.json
"""

import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

VERSION = "4.26.0"
DRAFTS = ["draft7", "draft2020-12"]


def source():
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps", "--dest", folder]
        subprocess.run([*pip, f"jsonschema=={VERSION}"], check=True)
        with tarfile.open(next(pathlib.Path(folder).glob("*.tar.gz"))) as archive:
            return {m.name.split("/", 1)[1]: archive.extractfile(m).read().decode() for m in archive if m.isfile() and "/json/" in m.name}


files = source()
groups = []
for draft in DRAFTS:
    start = f"json/tests/{draft}/"
    for name in sorted(files):
        if name.startswith(start) and "optional/format/" not in name:
            for group in json.loads(files[name]):
                tests = [[test["description"], test["data"], test["valid"]] for test in group["tests"]]
                place = {"draft": draft, "file": name.removeprefix(start).removesuffix(".json"), "group": group["description"]}
                groups.append({**place, "schema": group["schema"], "tests": tests})

head = {"madeBy": "scripts/golden/json_schema_suite.py", "from": f"jsonschema {VERSION}", "licence": files["json/LICENSE"]}
lines = ",\n".join(json.dumps(group, separators=(",", ":")) for group in groups)
path = pathlib.Path(__file__).with_name("json_schema_suite.json")
path.write_text(f'{json.dumps(head)[:-1]},"groups":[\n{lines}\n]}}\n')
