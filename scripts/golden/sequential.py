"""Looks, sequences, sample ratio and corrections."""

import numpy as np
from golden import rounded, write
from mpmath import exp, log, loggamma, mp, mpf, sqrt
from scipy import optimize, stats
from scipy.special import roots_legendre
from statsmodels.stats.multitest import multipletests

mp.dps = 40
NODES, WEIGHTS = roots_legendre(400)


def first_crossing(bounds, fractions, sides, drift=0.0):
    """Chance of crossing first at each look, on the Brownian scale with 400 Legendre nodes."""
    x, w, density, out, before = np.zeros(1), np.ones(1), np.ones(1), [], 0.0
    for bound, t in zip(bounds, fractions):
        step, mean, edge = np.sqrt(t - before), drift * (t - before), bound * np.sqrt(t)
        p = np.sum(w * density * stats.norm.sf((edge - x - mean) / step))
        if sides == 2:
            p += np.sum(w * density * stats.norm.cdf((-edge - x - mean) / step))
        out.append(float(p))
        low = -edge if sides == 2 else min(drift * t - 9.5 * np.sqrt(t), edge - 0.5)
        grid = (edge - low) / 2 * NODES + (edge + low) / 2
        density = (w * density) @ (stats.norm.pdf((grid[None, :] - x[:, None] - mean) / step) / step)
        x, w, before = grid, (edge - low) / 2 * WEIGHTS, t
    return out


def classic(alpha, fractions, shape, sides):
    bounds = lambda c: [c * (1 if shape == "pocock" else np.sqrt(fractions[-1] / t)) for t in fractions]
    f = lambda c: sum(first_crossing(bounds(c), fractions, sides)) - alpha * sides
    return bounds(optimize.brentq(f, 1.5, 5, xtol=1e-14, rtol=1e-14))


def spending(alpha, fractions, shape, sides):
    spent = (lambda t: alpha * np.log(1 + (np.e - 1) * t)) if shape == "pocock" else (lambda t: 2 * stats.norm.sf(stats.norm.isf(alpha / 2) / np.sqrt(t)))
    bounds, before = [], 0.0
    for k, t in enumerate(fractions):
        target = (spent(t) - before) * sides
        f = lambda b: np.log(first_crossing(bounds + [b], fractions[: k + 1], sides)[-1]) - np.log(target)
        bounds.append(optimize.brentq(f, 0.5, 12, xtol=1e-14, rtol=1e-14))
        before = spent(t)
    return bounds


def plan_case(find, alpha, fractions, shape, sides):
    return {"alpha": alpha, "fractions": fractions, "shape": shape, "sides": sides, "bounds": [float(b) for b in find(alpha, fractions, shape, sides)]}


def sequence_half(n, sd, alpha, tight):
    a = mpf(2) * mpf(alpha)
    rho2 = (-2 * log(a) + log(1 - 2 * log(a))) / tight
    return float(sd * sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * log(sqrt(n * rho2 + 1) / a)))


def lower_half(n, sd, alpha, tight):
    a = mpf(2) * mpf(alpha)
    rho2 = (-2 * log(a) + log(1 - 2 * log(a))) / tight
    return float(sd * sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * log(1 + sqrt(n * rho2 + 1) / (2 * mpf(alpha)))))


def dirichlet(counts, shares, weight):
    n, out = sum(counts), mpf(0)
    out += loggamma(mpf(weight)) - loggamma(mpf(weight) + n)
    for count, share in zip(counts, shares):
        prior = mpf(weight) * mpf(share)
        out += loggamma(prior + count) - loggamma(prior) - count * log(mpf(share))
    return [counts, shares, weight, float(out), float(min(mpf(1), exp(-out)))]


def chi(counts, shares):
    test = stats.chisquare(counts, np.array(shares) * sum(counts))
    return [counts, shares, float(test.statistic), float(test.pvalue)]


def mixture(estimate, variance, tau2):
    marginal = stats.norm(0, np.sqrt(variance + tau2)).logpdf(estimate)
    return [estimate, variance, tau2, float(marginal - stats.norm(0, np.sqrt(variance)).logpdf(estimate))]


ps = rounded(np.random.default_rng(5).uniform(0, 0.2, 12))
five = [0.2, 0.4, 0.6, 0.8, 1.0]
write(
    "sequential",
    {
        "classic": [plan_case(classic, 0.025, five, "obrien-fleming", 2), plan_case(classic, 0.025, five, "pocock", 2), plan_case(classic, 0.025, [0.5, 1.0], "obrien-fleming", 1), plan_case(classic, 0.05, [0.3, 0.7, 1.0], "pocock", 1)],
        "spending": [plan_case(spending, 0.025, five, "obrien-fleming", 1), plan_case(spending, 0.025, [0.5, 1.0], "obrien-fleming", 2), plan_case(spending, 0.02, [0.25, 0.6, 1.0], "pocock", 1)],
        "crossing": [[b, f, s, d, first_crossing(b, f, s, d)] for b, f, s, d in [([2.5, 2.2, 2.0], [0.3, 0.6, 1.0], 1, 3.2), ([2.5, 2.2, 2.0], [0.3, 0.6, 1.0], 2, -1.5)]],
        "confidenceSequence": [[n, sd, alpha, tight, sequence_half(n, sd, alpha, tight), lower_half(n, sd, alpha, tight)] for n, sd, alpha, tight in [(1000, 1, 0.025, 1000), (50, 0.4, 0.05, 2000), (100000, 3, 0.005, 800)]],
        "mixture": [mixture(0.1, 0.001, 0.01), mixture(-0.02, 0.0004, 0.0009), mixture(0, 0.01, 0.2)],
        "sampleRatio": [chi([5300, 4700], [0.5, 0.5]), chi([100, 110, 90], [0.3, 0.4, 0.3]), chi([9700, 10300, 5000], [0.4, 0.4, 0.2])],
        "sampleRatioSequential": [dirichlet([5300, 4700], [0.5, 0.5], 1000), dirichlet([5010, 4990], [0.5, 0.5], 1000), dirichlet([100, 310, 90], [0.25, 0.5, 0.25], 50)],
        "ps": ps,
        "holm": [float(p) for p in multipletests(ps, method="holm")[1]],
        "benjaminiHochberg": [float(p) for p in multipletests(ps, method="fdr_bh")[1]],
    },
)
