"""The job of the benchmark for Inspect AI: ask, and see whether the phrase is in the answer."""

import os

from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.scorer import includes
from inspect_ai.solver import generate, system_message


@task
def ask() -> Task:
    def sample(row):
        return Sample(id=row["id"], input=row["input"]["text"], target=row["expected"])

    return Task(
        dataset=json_dataset(os.environ["BENCH_ROWS"], sample),
        solver=[system_message("You repeat what you hear."), generate()],
        scorer=includes(),
    )
