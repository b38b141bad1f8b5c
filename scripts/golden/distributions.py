"""Tails and quantiles by mpmath at 50 digits, down to 1e-300."""

from golden import write
from mpmath import betainc, erfc, gammainc, mp, mpf, sqrt, findroot, log, binomial

mp.dps = 50


def normal_lower(z):
    return erfc(-mpf(z) / sqrt(2)) / 2


def t_lower(t, df):
    t, df = mpf(t), mpf(df)
    tail = betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return tail if t < 0 else 1 - tail


def binomial_tail(k, n, p, upper):
    ks = range(k, n + 1) if upper else range(0, k + 1)
    p = mpf(p)
    return sum(binomial(n, i) * p**i * (1 - p) ** (n - i) for i in ks)


def normal_quantile(p):
    start = sqrt(-2 * log(mpf(p))) if p < 0.1 else mpf(1)
    return findroot(lambda z: log(normal_lower(-z)) - log(mpf(p)), start)


def t_quantile(p, df, start):
    return findroot(lambda t: log(t_lower(-t, df)) - log(mpf(p)), start)


def beta_quantile(p, a, b):
    low, high = mpf(0), mpf(1)
    for _ in range(160):
        middle = (low + high) / 2
        if betainc(a, b, 0, middle, regularized=True) < mpf(p):
            low = middle
        else:
            high = middle
    return middle


zs = [-37, -30, -20, -10, -5, -1.96, -1, -0.1, 0, 0.5, 2, 6]
ts = [(-1e60, 5), (-1e20, 3), (-300, 30), (-40, 5), (-12, 200), (-5, 1), (-2.1, 9), (-0.3, 4.5), (-1e-7, 7), (0, 3), (1.5, 12), (4, 2.5)]
chis = [(1350, 2), (700, 1), (400, 7), (36, 1), (3.84, 1), (0.5, 4), (20, 20.5)]
binomials = [(3, 100, 0.5), (0, 50, 0.1), (12, 20, 0.5), (299, 300, 0.9), (2, 1000, 0.5), (5, 10, 0.3), (20, 4000, 0.25)]
write(
    "distributions",
    {
        "normalLower": [[z, float(normal_lower(z))] for z in zs],
        "normalUpperQuantile": [[p, float(normal_quantile(p))] for p in [1e-300, 1e-100, 1e-30, 1e-16, 1e-15, 1e-12, 1e-8, 1e-5, 0.001, 0.025, 0.05, 0.3]],
        "tLower": [[t, df, float(t_lower(t, df))] for t, df in ts],
        "tUpperQuantile": [
            [p, df, float(t_quantile(p, df, start))]
            for p, df, start in [(0.025, 1, 12.7), (0.025, 9, 2.26), (0.05, 3.3, 2.2), (0.005, 120, 2.6), (0.025, 1318, 1.96), (1e-6, 30, 5.9), (1e-12, 30, 11), (1e-9, 4, 250), (1e-5, 2000, 4.3), (0.4, 5, 0.27)]
        ],
        "chiSquareUpper": [[x, df, float(gammainc(mpf(df) / 2, mpf(x) / 2, mp.inf, regularized=True))] for x, df in chis],
        "binomialLower": [[k, n, p, float(binomial_tail(k, n, p, False))] for k, n, p in binomials],
        "binomialUpper": [[k, n, p, float(binomial_tail(k, n, p, True))] for k, n, p in binomials],
        "betaQuantile": [[p, a, b, float(beta_quantile(p, a, b))] for p, a, b in [(0.025, 56, 15), (0.975, 57, 14), (0.025, 1, 300), (0.05, 0.5, 0.5), (0.001, 20, 2000)]],
        "fUpper": [[f, a, b, float(betainc(mpf(b) / 2, mpf(a) / 2, 0, mpf(b) / (b + mpf(a) * mpf(f)), regularized=True))] for f, a, b in [(3.2, 2, 20), (80, 5, 200), (0.5, 7, 9)]],
    },
)
