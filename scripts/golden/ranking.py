"""NDCG of scikit-learn, and perplexity as PyTorch's cross entropy gives it.

In an environment of its own, since no other golden script needs these:

    python -m venv venv && venv/bin/pip install scikit-learn torch
    venv/bin/python scripts/golden/ranking.py      # rewrites ranking.json
"""

import json
import pathlib
import platform
import random
from importlib.metadata import version

import numpy as np
import torch
from sklearn.metrics import ndcg_score

random.seed(20261121)


def ndcg_case(judged, k):
    """A ranking of documents that are all judged: scikit-learn knows no others."""
    grades = [random.choice([0, 0, 1, 2, 3]) for _ in range(judged)]
    if not any(grades):
        grades[0] = 2
    order = random.sample(range(judged), judged)
    scores = np.zeros(judged)
    for rank, document in enumerate(order):
        scores[document] = judged - rank
    gains = np.array([grades])
    ids = [f"d{i}" for i in range(judged)]
    return {"ranked": [ids[i] for i in order], "grades": dict(zip(ids, grades)), "k": k,
            "linear": float(ndcg_score(gains, [scores], k=k)),
            "exponential": float(ndcg_score(2 ** gains - 1, [scores], k=k))}


def perplexity_case(seed, lengths, vocabulary=50):
    generator = torch.Generator().manual_seed(seed)
    texts, losses, tokens = [], 0.0, 0
    for length in lengths:
        logits = torch.randn(length, vocabulary, generator=generator, dtype=torch.float64)
        targets = torch.randint(vocabulary, (length,), generator=generator)
        loss = torch.nn.functional.cross_entropy(logits, targets, reduction="sum").item()
        log_prob = torch.log_softmax(logits, -1)[range(length), targets].sum().item()
        texts.append({"logProb": log_prob, "tokens": length})
        losses, tokens = losses + loss, tokens + length
    return {"texts": texts, "perplexity": float(torch.exp(torch.tensor(losses / tokens, dtype=torch.float64)))}


result = {
    "madeBy": "scripts/golden/ranking.py",
    "versions": {"python": platform.python_version(), **{n: version(n) for n in ("scikit-learn", "numpy", "torch")}},
    "ndcg": [ndcg_case(n, k) for n, k in [(2, 2), (5, 3), (5, 10), (10, 10), (20, 5), (20, 10), (50, 10), (100, 10)]],
    "perplexity": [perplexity_case(1, [7]), perplexity_case(2, [3, 40, 11]), perplexity_case(3, [1, 1, 1, 200])],
}
path = pathlib.Path(__file__).with_name("ranking.json")
path.write_text(json.dumps(result, indent=1) + "\n")
