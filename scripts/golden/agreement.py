"""Agreement of raters, judge correction, strengths, beta posteriors, power."""

import numpy as np
import statsmodels.api as sm
from golden import write
from mpmath import beta as beta_function, betainc, inf, mp, mpf, quad
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa
from statsmodels.stats.power import TTestIndPower, TTestPower

mp.dps = 30
rng = np.random.default_rng(11)


def kappa_case(table, weights):
    result = cohens_kappa(np.array(table), wt=None if weights == "none" else weights)
    return {"table": table, "weights": weights, "kappa": float(result.kappa), "se": float(np.sqrt(result.var_kappa))}


def strengths_case(models, wins):
    """Logistic regression of wins on +1/-1 columns, first model pinned; ties as half a win each."""
    rows, y, weights = [], [], []
    for i in range(models):
        for j in range(models):
            if i != j and wins[i][j]:
                row = np.zeros(models)
                row[i], row[j] = 1, -1
                rows += [row]
                y += [1.0]
                weights += [wins[i][j]]
                rows += [-row]
                y += [0.0]
                weights += [0.0]
    # Each win i over j is one observation with outcome 1 and design e_i - e_j.
    design, w = np.array(rows)[:, 1:], np.array(weights)
    fit = sm.GLM(np.array(y), design, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14, maxiter=200)
    return {"wins": wins, "strength": [0.0, *map(float, fit.params)], "se": [0.0, *map(float, fit.bse)]}


def beta_case(xa, na, xb, nb):
    a = (mpf(xa + 1), mpf(na - xa + 1))
    b = (mpf(xb + 1), mpf(nb - xb + 1))
    pdf = lambda p, k: p ** (k[0] - 1) * (1 - p) ** (k[1] - 1) / beta_function(*k)
    cdf = lambda p, k: betainc(*k, 0, p, regularized=True)
    points = [0, mpf(xa + xb + 1) / (na + nb + 2), 1]
    better = quad(lambda p: pdf(p, b) * cdf(p, a), points)
    # E[max(A - B, 0)] = integral over p of P(A > p)·P(B < p).
    loss = quad(lambda p: (1 - cdf(p, a)) * cdf(p, b), points)
    return [xa, na, xb, nb, float(better), float(loss)]


tables = [[[20, 5], [10, 15]], [[44, 5, 1], [7, 20, 3], [9, 5, 6]], [[5, 1, 0, 2], [3, 9, 2, 0], [0, 1, 7, 4], [0, 0, 2, 11]]]
fleiss = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
noncentral = [(2.262, 9, 3), (1.96, 1000, 3.24), (-1, 5, 2), (4, 1, 1), (0, 3, -2), (12, 30, 10)]
write(
    "agreement",
    {
        "cohenKappa": [kappa_case(t, w) for t in tables for w in ("none", "linear", "quadratic")],
        "fleiss": {"table": fleiss, "kappa": float(fleiss_kappa(np.array(fleiss)))},
        "bradleyTerry": [strengths_case(2, [[0, 3], [1, 0]]), strengths_case(4, [[0, 12, 7.5, 3], [8, 0, 9, 6], [4.5, 11, 0, 10], [2, 5, 9, 0]])],
        "betaBinomial": [beta_case(1, 2, 1, 2), beta_case(48, 80, 56, 70), beta_case(0, 30, 3, 25), beta_case(300, 1000, 330, 1000)],
        "noncentralT": [[t, df, shift, float(stats.nct.sf(t, df, shift)), float(stats.nct.cdf(t, df, shift))] for t, df, shift in noncentral],
        "tPower": [
            [10, 1, 1.0, float(TTestPower().power(1.0, 10, 0.025, alternative="larger"))],
            [25, 1, 0.4, float(TTestPower().power(0.4, 25, 0.05, alternative="larger"))],
            [40, 2, 0.5, float(TTestIndPower().power(0.5, 40, 0.025, alternative="larger"))],
        ],
        "tPowerAlpha": [0.025, 0.05, 0.025],
    },
)
