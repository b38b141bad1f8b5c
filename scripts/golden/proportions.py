"""Paired and independent proportions. Score methods by maximising the restricted likelihood
directly (mpmath, 40 digits): library versions of them were wrong in the past."""

from golden import bisect, write
from mpmath import erfc, mp, mpf, sqrt
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

mp.dps = 40
Z = mpf(str(stats.norm.isf(0.025)))
TINY = mpf(10) ** -35


def upper(z):
    return erfc(z / sqrt(2)) / 2


def per(count, p):
    return mpf(count) / p if count else mpf(0)


# Tango: cells plus (candidate only), minus (baseline only), n pairs; p_plus = q + delta, p_minus = q.
def tango_z(plus, minus, n, delta):
    delta = mpf(delta)
    slope = lambda q: per(plus, q + delta) + per(minus, q) - 2 * per(n - plus - minus, 1 - 2 * q - delta)
    q = bisect(slope, max(mpf(0), -delta) + TINY, (1 - delta) / 2 - TINY)
    variance = (2 * q + delta - delta * delta) / n
    return (mpf(plus - minus) / n - delta) / sqrt(variance)


def tango(plus, minus, n):
    middle = mpf(plus - minus) / n
    edge = mpf(10) ** -25
    low = bisect(lambda d: tango_z(plus, minus, n, d) - Z, -1 + edge, middle - edge, 90)
    high = bisect(lambda d: tango_z(plus, minus, n, d) + Z, middle + edge, 1 - edge, 90)
    return float(low), float(high)


# Ratio: both, baseline only, candidate only, neither; unknown u = baseline rate and d = P(neither).
def ratio_z(both, base, cand, neither, theta):
    n, theta = both + base + cand + neither, mpf(theta)
    some = mpf(both + base + cand) / n
    slope = lambda u: both * (1 + theta) / ((1 + theta) * u - some) - (base * theta / (some - theta * u) if base else 0) - (cand / (some - u) if cand else 0)
    low, high = some / (1 + theta) + TINY, min(some, some / theta) - TINY
    u = bisect(slope, low, high) if both else low
    p_base, p_cand = some - theta * u, some - u
    variance = theta * (p_base + p_cand) / n
    return (mpf(both + cand) / n - theta * mpf(both + base) / n) / sqrt(variance)


def ratio_interval(both, base, cand, neither):
    middle = mpf(both + cand) / (both + base)
    edge = mpf(10) ** -25
    low = bisect(lambda r: ratio_z(both, base, cand, neither, r) - Z, mpf(10) ** -9, middle - edge, 90)
    high = bisect(lambda r: ratio_z(both, base, cand, neither, r) + Z, middle + edge, mpf(50), 90)
    return float(low), float(high)


def farrington(xa, na, xb, nb, delta):
    delta = mpf(delta)
    slope = lambda p: per(xa, p) - per(na - xa, 1 - p) + per(xb, p + delta) - per(nb - xb, 1 - p - delta)
    a = bisect(slope, max(mpf(0), -delta) + TINY, min(mpf(1), 1 - delta) - TINY)
    b = a + delta
    return (mpf(xb) / nb - mpf(xa) / na - delta) / sqrt(a * (1 - a) / na + b * (1 - b) / nb)


def scored(z):
    return {"z": float(z), "pGreater": float(upper(z)), "pLess": float(upper(-z))}


pairs = [(293, 64, 1319), (8, 1, 12), (0, 0, 50), (5, 0, 40), (0, 5, 40), (30, 20, 100), (3, 9, 15), (400, 380, 5000)]
tables = [(70, 10, 8, 12), (40, 0, 5, 5), (12, 3, 0, 0), (500, 64, 293, 462), (8, 2, 2, 8), (0, 5, 7, 20)]
arms = [(85, 100, 80, 100), (0, 100, 0, 100), (48, 80, 56, 70), (5, 500, 9, 480), (100, 100, 98, 100), (820, 1000, 830, 1000)]
mcnemar = [(1, 8), (5, 5), (64, 293), (0, 6), (40, 41)]


def mid_p(b, c):
    if b == c:
        return 1.0
    low = min(b, c)
    return float(2 * stats.binom.cdf(low - 1, b + c, 0.5) + stats.binom.pmf(low, b + c, 0.5))


write(
    "proportions",
    {
        "tangoInterval": [[plus, minus, n, *tango(plus, minus, n)] for plus, minus, n in pairs],
        "tangoTest": [
            [plus, minus, n, delta, scored(tango_z(plus, minus, n, delta))]
            for plus, minus, n in pairs
            for delta in (-0.05, 0.02, -0.3)
        ],
        "ratioTest": [[*table, theta, scored(ratio_z(*table, theta))] for table in tables for theta in (0.95, 0.8, 1.1)],
        "ratioInterval": [[*table, *ratio_interval(*table)] for table in tables[:5]],
        "farringtonManning": [[*arm, delta, scored(farrington(*arm, delta))] for arm in arms for delta in (-0.1, -0.02, 0.05)],
        "wilson": [[x, n, *map(float, proportion_confint(x, n, 0.05, "wilson"))] for x, n in [(56, 70), (0, 10), (10, 10), (1, 1000), (299, 300)]],
        "clopperPearson": [[x, n, *map(float, proportion_confint(x, n, 0.05, "beta"))] for x, n in [(56, 70), (0, 10), (10, 10), (1, 1000), (299, 300)]],
        "newcombe": [
            [xa, na, xb, nb, *map(float, confint_proportions_2indep(xb, nb, xa, na, method="newcomb", compare="diff"))]
            for xa, na, xb, nb in arms
        ],
        "mcnemarExact": [[b, c, float(stats.binomtest(b, b + c, 0.5).pvalue)] for b, c in mcnemar],
        "mcnemarMidP": [[b, c, mid_p(b, c)] for b, c in mcnemar],
    },
)
