"""What the golden scripts share: one seeded data maker and one writer.

Each script beside this file computes reference values with SciPy, statsmodels or mpmath, never
with a formula copied from workbench/stats, and writes <name>.json. The tests read the JSON only.

    python scripts/golden/make_all.py      # rewrites every file; needs requirements.txt
"""

import json
import pathlib
import platform

import mpmath
import numpy
import scipy
import statsmodels

HERE = pathlib.Path(__file__).parent


def write(name: str, cases: dict) -> None:
    versions = {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "statsmodels": statsmodels.__version__,
        "mpmath": mpmath.__version__,
    }
    text = json.dumps({"madeBy": f"scripts/golden/{name}.py", "versions": versions, **cases}, indent=1)
    (HERE / f"{name}.json").write_text(text + "\n")


def rounded(values, digits: int = 6) -> list:
    """Inputs are rounded so that the JSON holds exactly what the reference saw."""
    return [round(float(value), digits) for value in values]


def bisect(f, low, high, steps: int = 140):
    """Zero of a falling mpmath function; an end when there is none inside."""
    if f(low) <= 0:
        return low
    if f(high) >= 0:
        return high
    for _ in range(steps):
        middle = (low + high) / 2
        if f(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
