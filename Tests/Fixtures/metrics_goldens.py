"""Makes metrics_goldens.json: metrics of made-up predictions by scikit-learn.

    pip install scikit-learn==1.9.1
    python metrics_goldens.py

GAUC and the expected calibration error are not in scikit-learn: they are summed here from its
areas and from the bins of its calibration_curve.
"""

import json
import pathlib

import numpy
from sklearn import calibration, metrics

COUNT = 200


def classification(random):
    labels = random.choice(5, COUNT, p=[0.5, 0.25, 0.15, 0.08, 0.02])
    predictions = numpy.where(random.random(COUNT) < 0.6, labels, random.integers(0, 6, COUNT))
    values = {
        "accuracy": metrics.accuracy_score(labels, predictions),
        "macro F1": metrics.f1_score(labels, predictions, average="macro", zero_division=0),
    }
    return {"labels": labels.tolist(), "predictions": predictions.tolist(), "values": values}


def calibration_error(labels, scores, bins, strategy):
    shares, means = calibration.calibration_curve(labels, scores, n_bins=bins, strategy=strategy)
    parts = numpy.linspace(0, 1, bins + 1)
    edges = parts if strategy == "uniform" else numpy.quantile(scores, parts)
    counts = numpy.bincount(numpy.searchsorted(edges[1:-1], scores), minlength=bins)
    return numpy.average(abs(shares - means), weights=counts[counts > 0])


def scores(labels, scores, groups):
    mixed = [group for group in set(groups) if len(set(labels[groups == group])) == 2]
    areas = [metrics.roc_auc_score(labels[groups == g], scores[groups == g]) for g in mixed]
    sizes = [sum(groups == group) for group in mixed]
    return {
        "labels": labels.tolist(), "scores": scores.tolist(), "groups": groups.tolist(),
        "groupCount": len(mixed), "skippedGroupCount": len(set(groups)) - len(mixed),
        "impressionCount": int(sum(sizes)),
        "values": {
            "AUC": metrics.roc_auc_score(labels, scores),
            "GAUC": numpy.average(areas, weights=sizes),
            "log loss": metrics.log_loss(labels, scores),
            "PR-AUC": metrics.average_precision_score(labels, scores),
            "ECE (7 bins of equal width)": calibration_error(labels, scores, 7, "uniform"),
        }}


def two_scores(random):
    """Distinct scores; then the same to one decimal, with many ties and some certain errors."""
    exact = random.random(COUNT)
    labels = random.random(COUNT) < exact**2
    groups = random.integers(0, 40, COUNT)
    labels[numpy.argmin(exact)] = True
    cases = [scores(labels, exact, groups), scores(labels, exact.round(1), groups)]
    cases[0]["values"]["ECE (10 bins of equal mass)"] = calibration_error(
        labels, exact, 10, "quantile")
    return cases


def errors(random):
    targets = random.normal(3, 10, COUNT)
    predictions = targets + random.normal(0.5, 2, COUNT)
    return {
        "targets": targets.tolist(), "predictions": predictions.tolist(),
        "values": {
            "MAE": metrics.mean_absolute_error(targets, predictions),
            "RMSE": metrics.root_mean_squared_error(targets, predictions),
        }}


def main():
    random = numpy.random.default_rng(7)
    goldens = {
        "classification": classification(random),
        "scores": two_scores(random),
        "errors": errors(random),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(goldens, indent=None) + "\n")


if __name__ == "__main__":
    main()
