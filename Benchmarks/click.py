#!/usr/bin/env python3
"""Click prediction beside logistic regression and PyTorch, on one split by time.

    Benchmarks/click.py LOG [--clseq BINARY] [--seeds 1,2,3] [--systems LIST] [--json]

LOG is a RecBole .inter file with ratings and timestamps; a rating of 4 or more is a click. Needs
numpy, scipy, scikit-learn and PyTorch. The protocol is that of

    clseq train LOG --task click --target 'label>=4' --split-by time

Training has the events before the time under which 80 % of all events lie, the test those from 90 %
on, the validation what is between. Every event is asked about once, after all earlier events of its
user and their ratings, also those of the test; equal times keep the order of the file. Items
without a training event are one unknown item. Figures are the AUC over all events of a part.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))

TRAINING, VALIDATION, TEST = 0, 1, 2
LEAST_EVENTS = 3  # users with fewer are left out
CLICK = 4
SYSTEMS = ["logistic-regression", "torch-transformer-ctr", "torch-din", "torch-dlrm",
           "clseq-transformer-ctr", "clseq-din", "clseq-dlrm", "clseq-mlp"]


class ClickLog:
    """Events by user, then time, as arrays with an entry an event; a user's are one stretch."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            columns = [name.split(":")[0] for name in next(lines).rstrip("\n").split("\t")]
            rows = [line.rstrip("\n").split("\t") for line in lines if line.strip()]
        users, items, ratings, times = (
            np.array([row[columns.index(name)] for row in rows])
            for name in ("user_id", "item_id", "rating", "timestamp"))
        user = np.unique(users, return_inverse=True)[1]
        seconds = times.astype(float)
        order = np.lexsort((seconds, user))  # stable: equal times keep the order of the file
        order = order[np.bincount(user)[user[order]] >= LEAST_EVENTS]
        self.user, self.time = user[order], seconds[order]
        self.rating = ratings[order].astype(float)
        self.row = order
        self.click = (self.rating >= CLICK).astype(np.float32)
        self.count = len(order)

        # The first event of each stretch, by event.
        begins = np.r_[True, self.user[1:] != self.user[:-1]]
        self.start = np.maximum.accumulate(np.where(begins, np.arange(self.count), 0))
        ends = np.r_[np.flatnonzero(begins)[1:], self.count]
        self.stretches = list(zip(np.flatnonzero(begins).tolist(), ends.tolist()))

        ordered = np.sort(self.time)
        cuts = [ordered[min(self.count - 1, int(share * self.count))] for share in (0.8, 0.9)]
        self.part = (self.time >= cuts[0]).astype(int) + (self.time >= cuts[1])
        known = np.unique(items[order][self.part == TRAINING])
        self.known_items = len(known)
        place = np.searchsorted(known, items[order])
        is_known = known[np.minimum(place, len(known) - 1)] == items[order]
        self.item = np.where(is_known, place + 1, len(known) + 1)

        # Codes of ratings from 1; 0 says that there is none.
        self.outcome = np.searchsorted(np.unique(self.rating), self.rating) + 1
        self.outcome_count = len(np.unique(self.rating)) + 1
        gaps = np.r_[0, np.diff(self.time)].astype(np.int64)
        classes = np.floor(np.log2(np.maximum(gaps, 0) + 1)).astype(int) + 1
        self.gap = np.where(self.start == np.arange(self.count), 0, np.minimum(classes, 32))

    def before(self, values, distance=1):
        """The value of the event `distance` earlier of the same user; 0 where there is none."""
        moved = np.r_[np.zeros(distance, values.dtype), values[:-distance]]
        return np.where(np.arange(self.count) - distance >= self.start, moved, 0)

    def sums_before(self, values):
        """The sum over all earlier events of the same user."""
        total = np.r_[0.0, np.cumsum(values)]
        return total[:-1] - total[self.start]

    def stretch(self, first, last, part):
        """What of a user's events belongs to a part: from place to place."""
        places = first + np.flatnonzero(self.part[first:last] == part)
        return (int(places[0]), int(places[-1]) + 1) if len(places) else (first, first)

    def auc(self, part, scores):
        """Of scores of all events of the part, in their order."""
        return float(roc_auc_score(self.click[self.part == part], scores))


def item_history(log, values):
    """The sum over training events of the same item: of a training event those before it, so that
    no event tells of itself or of what came later; of others all."""
    result = np.zeros(log.count)
    sums = np.zeros(log.known_items + 2)
    for place in np.lexsort((log.row, log.time)):
        item = log.item[place]
        result[place] = sums[item]
        if log.part[place] == TRAINING:
            sums[item] += values[place]
    result[log.item > log.known_items] = 0
    return result


def regression_features(log):
    """One-hot item, last three ratings and time gap; what the user's and the item's ratings were
    so far: mean, share of clicks, number. Means lean on the training's by a few events."""
    def one_hot(codes, count):
        return sp.csr_matrix((np.ones(log.count), (np.arange(log.count), codes)),
                             (log.count, count))

    training = log.part == TRAINING
    ones = np.ones(log.count)
    numbers = []
    for sums, strength in ((log.sums_before, 2), (lambda v: item_history(log, v), 5)):
        count = sums(ones)
        numbers.append(np.log1p(count))
        for values in (log.rating, log.click):
            mean = values[training].mean()
            numbers.append((sums(values) + strength * mean) / (count + strength))
    numbers = np.stack(numbers, axis=1)
    numbers = (numbers - numbers[training].mean(0)) / numbers[training].std(0)
    return sp.hstack([
        one_hot(log.item, log.known_items + 2),
        *(one_hot(log.before(log.outcome, k), log.outcome_count) for k in (1, 2, 3)),
        one_hot(log.gap, 33),
        numbers,
    ], format="csr")


def logistic_regression(log):
    """The strength of the penalty is chosen on the validation."""
    features = regression_features(log)
    parts = [log.part == part for part in (TRAINING, VALIDATION, TEST)]
    best = None
    for strength in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0):
        model = LogisticRegression(C=strength, max_iter=5000)
        model.fit(features[parts[TRAINING]], log.click[parts[TRAINING]])
        figures = [log.auc(part, model.decision_function(features[parts[part]]))
                   for part in (VALIDATION, TEST)]
        if best is None or figures[0] > best["validation"]:
            best = {"validation": figures[0], "test": figures[1], "C": strength}
    return best


def clseq(binary, path, model, seed, asked):
    """What `clseq train` says of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "train", path, "--task", "click", "--target", f"label>={CLICK}",
                   "--split-by", "time", "--model", model, "--seed", str(seed), "--max-length",
                   str(asked.max_length), "--epochs", str(asked.epochs), "--format", "json",
                   "--run", os.path.join(folder, "run")]
        if asked.max_seconds < float("inf"):
            command += ["--max-time", f"{asked.max_seconds}s"]
        if asked.device:
            command += ["--device", asked.device]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr[-2000:]}")
    summary = json.loads(done.stdout)
    return {"validation": summary["validation"]["AUC"], "test": summary["test"]["AUC"],
            "best_epoch": summary["best_epoch"]}


def measure(log, asked):
    """A row a system, with a figure a seed."""
    rows = []
    for system in asked.systems.split(","):
        kind, _, model = system.partition("-")
        if kind == "clseq" and not asked.clseq:
            continue
        runs = []
        for seed in [0] if kind == "logistic" else asked.seeds:
            start = time.perf_counter()
            if kind == "logistic":
                run = logistic_regression(log)
            elif kind == "torch":
                import torch_click  # PyTorch is not needed for the rest
                run = torch_click.train(
                    log, model, seed, asked.max_length, asked.epochs, asked.max_seconds)
            else:
                run = clseq(asked.clseq, asked.log, model, seed, asked)
            run |= {"seed": seed, "seconds": round(time.perf_counter() - start, 1)}
            print(f"{system} {json.dumps(run)}", file=sys.stderr)
            runs.append(run)
        rows.append({"system": system, "runs": runs} | {
            part: statistics.fmean(run[part] for run in runs) for part in ("validation", "test")})
    return rows


def print_table(report):
    print(f"{report['data']}: {report['events'][TEST]:,} test events, "
          f"{100 * report['click_share']:.1f} % of them clicks\n")
    print("| system | test AUC, mean | by seed | validation AUC | epoch | s a run |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in report["rows"]:
        runs = row["runs"]
        by_seed = ", ".join(format(run["test"], ".4f") for run in runs)
        print(f"| {row['system']} | {row['test']:.4f} | {by_seed} | {row['validation']:.4f} | "
              f"{', '.join(str(run.get('best_epoch', '–')) for run in runs)} | "
              f"{statistics.fmean(run['seconds'] for run in runs):.0f} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--clseq", metavar="BINARY", help="measured too if given")
    parser.add_argument("--device", help="OpenCL device of clseq")
    parser.add_argument("--seeds", default="1,2,3", type=lambda t: [int(s) for s in t.split(",")])
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--max-length", type=int, default=50, help="most events that a model sees")
    parser.add_argument("--epochs", type=int, default=200, help="at most")
    parser.add_argument("--max-seconds", type=float, default=float("inf"),
                        help="after which a run ends with what it has (default: no limit)")
    parser.add_argument("--json", action="store_true", help="one JSON document, not a table")
    asked = parser.parse_args()
    if unknown := set(asked.systems.split(",")) - set(SYSTEMS):
        parser.error(f"no systems {', '.join(sorted(unknown))}; there are {', '.join(SYSTEMS)}")
    log = ClickLog(asked.log)
    report = {
        "data": os.path.basename(asked.log),
        "max_length": asked.max_length,
        "events": [int((log.part == part).sum()) for part in (TRAINING, VALIDATION, TEST)],
        "click_share": float(log.click[log.part == TEST].mean()),
        "rows": measure(log, asked),
    }
    if asked.json:
        print(json.dumps(report))
    else:
        print_table(report)


if __name__ == "__main__":
    main()
