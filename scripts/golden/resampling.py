"""Bootstrap limits of a skewed sample by SciPy, 2 million resamples."""

import numpy as np
from golden import write
from scipy import stats

skewed = [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.4, 2.2, 3.9, 6.5, 12]


def limits(method):
    rng = np.random.default_rng(1)
    result = stats.bootstrap((np.array(skewed),), np.mean, n_resamples=2_000_000, method=method, rng=rng, batch=50_000)
    interval = result.confidence_interval
    return {"lower": float(interval.low), "upper": float(interval.high), "se": float(result.standard_error)}


write("resampling", {"values": skewed, "percentile": limits("percentile"), "bca": limits("BCa")})
