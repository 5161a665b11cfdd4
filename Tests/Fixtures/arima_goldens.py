"""Makes arima.json, what statsmodels says of a few series, for ARIMATests.swift.

    pip install numpy==2.4.6 statsmodels==0.15.0
    python arima_goldens.py
"""

import json
import pathlib
import warnings

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.stattools import kpss

STEPS = 7
LEVEL = 0.9
STARTS = 12


def simulated(random, count, phi, theta, mean=0.0, integrate=0):
    """An ARIMA series of rounded numbers, so that both sides read the same values."""
    burn = 200
    noise = random.normal(0, 2, count + burn)
    series = np.zeros(count + burn)
    for t in range(count + burn):
        series[t] = noise[t]
        for lag, coefficient in enumerate(phi, 1):
            series[t] += coefficient * series[t - lag] if t >= lag else 0
        for lag, coefficient in enumerate(theta, 1):
            series[t] += coefficient * noise[t - lag] if t >= lag else 0
    series = series[burn:] + mean
    for _ in range(integrate):
        series = np.cumsum(series)
    return np.round(series, 3)


def fitted(series, order):
    """The best of many fits: with long lags the default start ends on a lower hill.

    Each start is drawn in statsmodels' own unconstrained space and improved by two optimisers, the
    best of all by two more.
    """
    model = ARIMA(series, order=order)
    random = np.random.default_rng(2)
    starts = [model.start_params]
    for _ in range(STARTS if order[0] + order[2] > 2 else 0):
        start = np.array(model.start_params)
        lags = slice(order[1] == 0, -1)
        start[lags] = model.transform_params(random.normal(0, 1, len(start)))[lags]
        starts.append(start)

    def improved(start, methods):
        for method in methods:
            result = model.fit(start_params=start, method="statespace",
                               method_kwargs={"method": method, "maxiter": 2000, "disp": 0})
            start = result.params
        return result

    best = max((improved(start, ["lbfgs"]) for start in starts), key=lambda result: result.llf)
    return max(best, improved(best.params, ["nm", "bfgs", "lbfgs"]), key=lambda r: r.llf)


def forecast(result):
    prediction = result.get_forecast(STEPS)
    interval = np.asarray(prediction.conf_int(alpha=1 - LEVEL))
    return {
        "mean": list(prediction.predicted_mean),
        "standardError": list(np.sqrt(prediction.var_pred_mean)),
        "lower": list(interval[:, 0]),
        "upper": list(interval[:, 1]),
    }


def golden(name, series, order, phi, theta):
    """The model with the coefficients given, and the model fitted."""
    p, d, q = order
    result = fitted(series, order)
    constant = [result.params[0]] if d == 0 else []
    # The mean and the variance are at their best for the coefficients given: what clseq does.
    with_given = ARIMA(series, order=order)
    names = with_given.param_names
    fixed = {n: v for n, v in zip(names[len(constant):], [*phi, *theta])}
    with with_given.fix_params(fixed):
        given = with_given.fit(method_kwargs={"maxiter": 5000, "disp": 0})
        again = with_given.fit(start_params=given.params[[n not in fixed for n in names]],
                               method_kwargs={"method": "nm", "maxiter": 5000, "disp": 0})
    given = max(given, again, key=lambda r: r.llf)
    return {
        "name": name, "series": list(series), "p": p, "d": d, "q": q,
        "given": {
            "phi": phi, "theta": theta, "logLikelihood": given.llf, "forecast": forecast(given),
        },
        "fitted": {
            "phi": list(result.arparams) if p else [],
            "theta": list(result.maparams) if q else [],
            "mean": float(constant[0]) if constant else 0.0,
            "variance": float(result.params[-1]),
            "logLikelihood": result.llf, "aic": result.aic, "forecast": forecast(result),
        },
    }


def main():
    warnings.simplefilter("ignore")
    random = np.random.default_rng(1)
    days = np.arange(180)
    counts = random.poisson(30 + 8 * np.sin(days / 9) + 0.1 * days).astype(float)
    noise = simulated(random, 60, [], [], mean=4)
    ar = simulated(random, 150, [0.7], [], mean=10)
    ma = simulated(random, 150, [], [0.6, -0.3], mean=-5)
    mixed = simulated(random, 200, [0.5, 0.2], [0.4], mean=100)
    walk = simulated(random, 120, [0.4], [0.5], integrate=1)
    trend = simulated(random, 100, [], [-0.5], integrate=2)
    models = [
        golden("noise", noise, (0, 0, 0), [], []),
        golden("autoregression", ar, (1, 0, 0), [0.6], []),
        golden("moving average", ma, (0, 0, 2), [], [0.5, -0.2]),
        golden("mixed", mixed, (2, 0, 1), [0.4, 0.1], [0.3]),
        golden("walk", walk, (1, 1, 1), [0.3], [0.4]),
        golden("twice integrated", trend, (0, 2, 1), [], [-0.4]),
        golden("counts", counts, (1, 1, 2), [0.2], [-0.7, 0.1]),
        golden("long lags", mixed, (3, 0, 3), [0.3, 0.1, 0.1], [0.2, 0.1, 0.1]),
    ]
    tests = [{"series": model["name"], "lags": lags,
              "statistic": kpss(np.array(model["series"]), "c", nlags=lags)[0]}
             for model in models[:-1] for lags in (0, 4)]
    document = {"steps": STEPS, "level": LEVEL, "models": models, "kpss": tests}
    path = pathlib.Path(__file__).parent / "arima.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
