"""Makes structural.json, what statsmodels says of structural models, for StateSpaceModelTests.swift.

    pip install numpy==2.4.6 statsmodels==0.15.0
    python structural_goldens.py
"""

import json
import pathlib
import warnings

import numpy as np
from statsmodels.tsa.statespace.structural import UnobservedComponents

STEPS = 10
LEVEL = 0.9
NAMES = {"sigma2.irregular": "irregular", "sigma2.level": "level", "sigma2.trend": "trend",
         "sigma2.seasonal": "season"}


def model(series, trend, season):
    return UnobservedComponents(series, "lltrend" if trend else "llevel",
                                seasonal=7 if season else None, use_exact_diffuse=True)


def golden(name, series, trend, season, variances):
    """The model of given variances, and the likelihood of the best ones from several starts."""
    structural = model(series, trend, season)
    given = structural.smooth([variances[NAMES[n]] for n in structural.param_names])
    random = np.random.default_rng(3)
    spread = np.var(np.diff(series))
    starts = [structural.start_params] + [
        spread * 10 ** random.uniform(-4, 0, len(structural.param_names)) for _ in range(6)]
    best = max((structural.fit(start, method="lbfgs", maxiter=1000, disp=0).llf
                for start in starts))
    forecast = given.get_forecast(STEPS)
    interval = np.asarray(forecast.conf_int(alpha=1 - LEVEL))
    variance = np.diagonal(given.smoothed_state_cov)
    return {
        "name": name, "series": list(series), "hasTrend": trend, "hasSeason": season,
        "variances": {"irregular": 0.0, "level": 0.0, "trend": 0.0, "season": 0.0, **variances},
        "logLikelihood": given.llf, "bestLogLikelihood": best,
        # The first days' states are not determined by the days so far.
        "filtered": given.filtered_state.T[8:].tolist(),
        "smoothed": given.smoothed_state.T.tolist(), "smoothedVariance": variance.tolist(),
        "forecast": {
            "mean": list(forecast.predicted_mean), "standardError": list(forecast.se_mean),
            "lower": list(interval[:, 0]), "upper": list(interval[:, 1]),
        },
    }


def main():
    warnings.simplefilter("ignore")
    random = np.random.default_rng(1)
    days = np.arange(90)
    week = np.array([-4, -3, -3, 0, 2, 5, 3])[days % 7]
    walk = np.round(20 + np.cumsum(random.normal(0, 1, 90)) + random.normal(0, 2, 90), 3)
    weekly = random.poisson(np.clip(30 + 2 * week + np.cumsum(random.normal(0, 0.5, 90)), 1, None))
    slope = np.cumsum(np.cumsum(random.normal(0, 0.2, 90))) + 0.5 * days
    sloped = np.round(100 + slope + week + random.normal(0, 1.5, 90), 3)
    zeros = random.poisson(np.maximum(0, 1.2 + week / 4))
    models = [
        golden("walk", walk, False, False, {"irregular": 3.0, "level": 0.8}),
        golden("walk", walk, True, False, {"irregular": 3.0, "level": 0.5, "trend": 0.02}),
        golden("counts", weekly.astype(float), False, True,
               {"irregular": 25.0, "level": 0.6, "season": 0.3}),
        golden("slope", sloped, True, True,
               {"irregular": 2.0, "level": 0.1, "trend": 0.05, "season": 0.01}),
        golden("fixed season", sloped, True, True,
               {"irregular": 2.0, "level": 0.1, "trend": 0.05, "season": 0.0}),
        golden("zeros", zeros.astype(float), False, True,
               {"irregular": 1.0, "level": 0.01, "season": 0.0}),
    ]
    document = {"steps": STEPS, "level": LEVEL, "models": models}
    path = pathlib.Path(__file__).parent / "structural.json"
    path.write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
