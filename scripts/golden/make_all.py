"""Rewrites every golden file: `python scripts/golden/make_all.py`."""

import pathlib
import runpy

for script in sorted(pathlib.Path(__file__).parent.glob("*.py")):
    if script.name not in ("make_all.py", "golden.py"):
        print(script.name)
        runpy.run_path(str(script), run_name="__main__")
