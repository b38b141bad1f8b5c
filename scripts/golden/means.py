"""Means, clusters, ratios and ranks, on rounded seeded data."""

import itertools

import numpy as np
import statsmodels.api as sm
from golden import rounded, write
from scipy import optimize, stats

rng = np.random.default_rng(20261)


def clustered(values, clusters):
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": np.array(clusters)}, use_t=True)
    low, high = fit.conf_int(0.05)[0]
    p = float(fit.pvalues[0])
    return {"values": list(values), "clusters": list(clusters), "mean": float(fit.params[0]), "se": float(fit.bse[0]), "lower": float(low), "upper": float(high), "pTwoSided": p}


def clustered_case(n, count):
    clusters = [int(c) for c in rng.integers(0, count, n)]
    effects = rng.normal(0, 0.5, count)
    return clustered(rounded(rng.normal(0.1, 1, n) + effects[clusters]), clusters)


def welch_case(na, nb, k):
    a, b = rounded(rng.lognormal(0, 1, na)), rounded(rng.lognormal(0.2, 1.4, nb))
    scaled = k * np.array(a)
    test = stats.ttest_ind(b, scaled, equal_var=False)
    low, high = test.confidence_interval(0.95)
    greater = stats.ttest_ind(b, scaled, equal_var=False, alternative="greater").pvalue
    return {"a": a, "b": b, "k": k, "t": float(test.statistic), "df": float(test.df), "lower": float(low), "upper": float(high), "pGreater": float(greater), "pTwoSided": float(test.pvalue)}


def fieller_case(n):
    a = rounded(rng.normal(10, 2, n))
    b = rounded(np.array(a) * 1.1 + rng.normal(0, 1, n))
    t = stats.t.isf(0.025, n - 1)

    def excess(theta):  # |t| of the contrast b - theta*a, minus the critical value
        d = np.array(b) - theta * np.array(a)
        return abs(d.mean()) / (d.std(ddof=1) / np.sqrt(n)) - t

    middle = np.mean(b) / np.mean(a)
    low = optimize.brentq(excess, middle - 1, middle, xtol=1e-15, rtol=1e-15)
    high = optimize.brentq(excess, middle, middle + 1, xtol=1e-15, rtol=1e-15)
    return {"a": a, "b": b, "ratio": float(middle), "lower": float(low), "upper": float(high)}


def ratio_case(m):
    d = [float(x) for x in rng.integers(1, 9, m)]
    n = rounded(np.array(d) * 0.3 + rng.normal(0, 0.5, m))
    # Delta method through the residuals N - R*D: the variance of their mean over the mean of D.
    ratio = np.sum(n) / np.sum(d)
    residuals = np.array(n) - ratio * np.array(d)
    variance = residuals.var(ddof=1) / m / np.mean(d) ** 2
    return {"n": n, "d": d, "ratio": float(ratio), "variance": float(variance)}


def cuped_case(na, nb):
    xa, xb = rounded(rng.normal(5, 2, na)), rounded(rng.normal(5, 2, nb))
    ya, yb = rounded(np.array(xa) * 0.8 + rng.normal(0, 1, na)), rounded(np.array(xb) * 0.8 + 0.3 + rng.normal(0, 1, nb))
    # The within-arm pooled slope is that of an OLS fit with one intercept an arm.
    arm = np.r_[np.zeros(na), np.ones(nb)]
    design = np.c_[1 - arm, arm, np.r_[xa, xb]]
    theta = float(sm.OLS(np.r_[ya, yb], design).fit().params[2])
    centre = np.mean(np.r_[xa, xb])
    adjusted = [np.array(y) - theta * (np.array(x) - centre) for y, x in ((ya, xa), (yb, xb))]
    return {"ya": ya, "xa": xa, "yb": yb, "xb": xb, "theta": theta, "means": [float(v.mean()) for v in adjusted], "variances": [float(v.var(ddof=1)) for v in adjusted]}


def wilcoxon_case(values, method):
    options = {"method": method, "correction": False, "zero_method": "wilcox"}
    greater = stats.wilcoxon(values, alternative="greater", **options)
    less = stats.wilcoxon(values, alternative="less", **options)
    return {"values": values, "statistic": float(greater.statistic), "pGreater": float(greater.pvalue), "pLess": float(less.pvalue)}


def mann_whitney_case(a, b, method):
    options = {"method": method, "use_continuity": False}
    greater = stats.mannwhitneyu(b, a, alternative="greater", **options)
    less = stats.mannwhitneyu(b, a, alternative="less", **options)
    return {"a": a, "b": b, "u": float(greater.statistic), "pGreater": float(greater.pvalue), "pLess": float(less.pvalue)}


def brunner_case(a, b):
    greater = stats.brunnermunzel(a, b, alternative="less")
    both = stats.brunnermunzel(a, b)
    return {"a": a, "b": b, "statistic": float(both.statistic), "pTwoSided": float(both.pvalue), "p": float(min(greater.pvalue, stats.brunnermunzel(a, b, alternative="greater").pvalue))}


def brunner_exact(a, b):
    """Studentised permutation over every split; the candidate being larger counts as greater."""

    def statistic(x, y):
        if max(x) < min(y):
            return np.inf
        if max(y) < min(x):
            return -np.inf
        return SIGN * float(stats.brunnermunzel(x, y).statistic)

    pooled, size = a + b, len(a)
    observed = statistic(a, b)
    values = [
        statistic([pooled[i] for i in chosen], [v for i, v in enumerate(pooled) if i not in chosen])
        for chosen in itertools.combinations(range(len(pooled)), size)
    ]
    count = len(values)
    return {"a": a, "b": b, "pGreater": sum(v >= observed - 1e-10 for v in values) / count, "pLess": sum(v <= observed + 1e-10 for v in values) / count}


# SciPy's statistic is positive when its second sample tends to be larger, or the other way round.
SIGN = 1.0 if stats.brunnermunzel([1, 2, 3, 4], [3, 5, 6, 7]).statistic > 0 else -1.0
graded = [float(x) for x in rng.integers(-3, 4, 40)]
write(
    "means",
    {
        "clustered": [clustered_case(60, 12), clustered_case(200, 5), clustered_case(25, 25)],
        "welch": [welch_case(12, 30, 1.0), welch_case(50, 8, 1.05), welch_case(200, 300, 0.95)],
        "fieller": [fieller_case(8), fieller_case(60)],
        "ratio": [ratio_case(10), ratio_case(120)],
        "cuped": [cuped_case(30, 40)],
        "wilcoxon": [wilcoxon_case(rounded(rng.normal(0.4, 1, 14)), "exact"), wilcoxon_case(rounded(rng.normal(0.2, 1, 45)), "exact"), wilcoxon_case(graded, "asymptotic"), wilcoxon_case(rounded(rng.normal(0.1, 1, 80)), "asymptotic")],
        "mannWhitney": [mann_whitney_case(rounded(rng.normal(0, 1, 7)), rounded(rng.normal(0.8, 1, 9)), "exact"), mann_whitney_case(rounded(rng.normal(0, 1, 28)), rounded(rng.normal(0.3, 1, 30)), "exact"), mann_whitney_case(graded, [x + 1 for x in graded[:25]], "asymptotic")],
        "brunnerMunzel": [brunner_case(rounded(rng.normal(0, 1, 12)), rounded(rng.normal(0.6, 2, 15))), brunner_case(graded, [x + 1 for x in graded[:25]])],
        "brunnerMunzelExact": [brunner_exact(rounded(rng.normal(0, 1, 5)), rounded(rng.normal(0.8, 2, 6))), brunner_exact(rounded(rng.normal(0, 1, 3)), rounded(rng.normal(1, 1, 8)))],
        "quantile7": [[p, float(np.quantile(graded, p))] for p in (0, 0.1, 0.5, 0.77, 0.95, 1)],
        "gradedValues": graded,
    },
)
