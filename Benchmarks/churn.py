#!/usr/bin/env python3
"""Churn on CDNOW's purchases, beside logistic regression, on the same test customers.

    Benchmarks/churn.py CDNOW [--clseq BINARY] [--seeds 1,2,3] [--models lstm,gru,...] [--json]

CDNOW holds `id yyyymmdd quantity amount`, a purchase a line. A customer who buys nothing in the
last 90 days of the log has churned; what is known is every purchase before. clseq reads the
purchases as CSV whose item is the class of the quantity (q1 … q5, q6-9, q10+), with quantity and
amount as features of the event. The split is clseq's by user (Split+Users.swift): a tenth of the
customers for validation and a tenth for the test, drawn by the seed. Logistic regression has
recency, frequency and value, in forms of which the validation chooses. Needs numpy and scikit-learn.
"""

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from counter_random import CounterRandom

HORIZON_DAYS = 90
FEATURES = "amount:log,quantity:log"


def id_hash(user):
    """FNV-1a of an id."""
    number = 0xCBF29CE484222325
    for byte in user.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number


def user_parts(ids, seed):
    """The part of each user by its id: 0 for training, 1 for validation, 2 for the test."""
    random = CounterRandom(seed, int.from_bytes(b"users", "big"))
    draws = np.array([random.uniform(id_hash(user)) for user in ids])
    return np.where(draws < 0.1, 2, np.where(draws < 0.1 + 0.1, 1, 0))


class Purchases:
    """The log as arrays with an entry a purchase, and each customer's past and future."""

    def __init__(self, path):
        with open(path, encoding="ascii") as lines:
            rows = [line.split() for line in lines if line.strip()]
        places = {}
        self.user = np.array([places.setdefault(row[0], len(places)) for row in rows])
        self.names = list(places)
        self.day = np.array([
            datetime.date(int(row[1][:4]), int(row[1][4:6]), int(row[1][6:])).toordinal()
            for row in rows])
        self.quantity = np.array([int(row[2]) for row in rows])
        self.amount = np.array([float(row[3]) for row in rows])
        # The cutoff is a microsecond later than 90 days before the end, so that day is past.
        self.last_day = self.day.max() - HORIZON_DAYS
        past = self.day <= self.last_day
        self.known = np.bincount(self.user[past], minlength=len(places)) > 0
        self.churned = np.bincount(self.user[~past], minlength=len(places)) == 0
        self.past = past

    def write_csv(self, path):
        opening = datetime.date(1970, 1, 1).toordinal()
        with open(path, "w", newline="", encoding="ascii") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", "item_id", "timestamp", "quantity", "amount"])
            for user, day, quantity, amount in zip(
                    self.user, self.day, self.quantity, self.amount):
                writer.writerow([f"c{self.names[user]}", self.quantity_class(quantity),
                                 86_400 * (day - opening), quantity, f"{amount:.2f}"])

    @staticmethod
    def quantity_class(quantity):
        return f"q{quantity}" if quantity <= 5 else "q6-9" if quantity <= 9 else "q10+"

    def customer_features(self):
        """A customer a row: days since the last purchase, purchases, their sum, days since the
        first."""
        count = len(self.names)
        user, age = self.user[self.past], self.last_day - self.day[self.past]
        latest, first = np.full(count, 10**6), np.zeros(count)
        np.minimum.at(latest, user, age)
        np.maximum.at(first, user, age)
        amount = np.bincount(user, self.amount[self.past], minlength=count)
        return np.stack([latest, np.bincount(user, minlength=count), amount, first], axis=1)


def regression_forms(features):
    """The same facts as they are, by logarithm, and by logarithm with the time since the first
    purchase, squares and products."""
    three = features[:, :3]
    logarithms = np.log1p(features)
    return {
        "recency, frequency, value": three,
        "their logarithms": logarithms[:, :3],
        "logarithms with age, squares and products":
            PolynomialFeatures(2, include_bias=False).fit_transform(logarithms),
    }


def scored(truths, probabilities):
    return {"AUC": float(roc_auc_score(truths, probabilities)),
            "log loss": float(log_loss(truths, probabilities))}


def logistic_regression(purchases, parts):
    """Figures of every form, the one with the best validation first."""
    rows = []
    chosen = [purchases.known & (parts == part) for part in range(3)]
    truths = [purchases.churned[part] for part in chosen]
    for name, features in regression_forms(purchases.customer_features()).items():
        scaler = StandardScaler().fit(features[chosen[0]])
        scaled = [scaler.transform(features[part]) for part in chosen]
        model = LogisticRegression(C=1.0, max_iter=5000).fit(scaled[0], truths[0])
        validation, test = (scored(truths[part], model.predict_proba(scaled[part])[:, 1])
                            for part in (1, 2))
        rows.append({"form": name, "validation": validation, "test": test})
    return sorted(rows, key=lambda row: -row["validation"]["AUC"])


def clseq(binary, path, model, seed, asked):
    """What `clseq train` says of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "train", path, "--task", "classify", "--target", "churn", "--horizon",
                   f"{HORIZON_DAYS}d", "--split-by", "user", "--model", model, "--event-features",
                   FEATURES, "--seed", str(seed), "--split-seed", str(seed), "--format", "json",
                   "--run", os.path.join(folder, "run"), *asked.options.split()]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr[-2000:]}")
    summary = json.loads(done.stdout)
    return {"validation": summary["validation"], "test": summary["test"],
            "best_epoch": summary["best_epoch"]}


def measure(purchases, asked):
    """A row a system, with a run a seed."""
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cdnow.csv")
        purchases.write_csv(path)
        for seed in asked.seeds:
            forms = logistic_regression(purchases, user_parts([f"c{name}" for name in purchases.names], seed))
            for form in forms:
                runs.setdefault(f"logistic regression, {form['form']}", []).append(
                    form | {"seed": seed})
            runs.setdefault("logistic regression, as the validation chooses", []).append(
                forms[0] | {"seed": seed})
            for model in asked.models.split(",") if asked.clseq else []:
                start = time.perf_counter()
                run = clseq(asked.clseq, path, model, seed, asked)
                run |= {"seed": seed, "seconds": round(time.perf_counter() - start, 1)}
                print(f"{model} {json.dumps(run)}", file=sys.stderr)
                runs.setdefault(f"clseq {model}", []).append(run)
    return [{"system": system, "runs": of_seeds} for system, of_seeds in runs.items()]


def print_table(report):
    print(f"{report['data']}: {report['customers']:,} customers, "
          f"{100 * report['churn_share']:.1f} % of them churned\n")
    print("| system | test AUC, mean | by seed | validation AUC | log loss |")
    print("| --- | --- | --- | --- | --- |")
    for row in report["rows"]:
        runs = row["runs"]

        def mean(part, name):
            return statistics.fmean(run[part][name] for run in runs)

        print(f"| {row['system']} | {mean('test', 'AUC'):.4f} | "
              f"{', '.join(format(run['test']['AUC'], '.4f') for run in runs)} | "
              f"{mean('validation', 'AUC'):.4f} | "
              f"{mean('test', 'log loss'):.4f} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--clseq", metavar="BINARY", help="measured too if given")
    parser.add_argument("--seeds", default="1,2,3", type=lambda t: [int(s) for s in t.split(",")])
    parser.add_argument("--models", default="lstm,gru,transformer,lstm-attention")
    parser.add_argument("--options", default="", help="more options of `clseq train`, one text")
    parser.add_argument("--json", action="store_true", help="one JSON document, not a table")
    asked = parser.parse_args()
    purchases = Purchases(asked.log)
    report = {
        "data": os.path.basename(asked.log),
        "customers": int(purchases.known.sum()),
        "churn_share": float(purchases.churned[purchases.known].mean()),
        "rows": measure(purchases, asked),
    }
    if asked.json:
        print(json.dumps(report))
    else:
        print_table(report)


if __name__ == "__main__":
    main()
