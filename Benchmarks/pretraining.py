#!/usr/bin/env python3
"""What training without labels is worth where few labels are known.

    Benchmarks/pretraining.py movielens INTER USER [--clseq BINARY] [--seeds 1,2,3] [--model NAME]
                              [--share 0.1] [--epochs 60,30] [--first "..."] [--settings "..."]
                              [--folder runs/pretraining] [--json]
    Benchmarks/pretraining.py cdnow CDNOW [the same options]

INTER and USER are ml-100k.inter and ml-100k.user of RecBole: the targets are the gender and the age group (below
25, 35, 50, above) of users. CDNOW holds `id yyyymmdd quantity amount`, a purchase a line: the target is who buys
nothing in the last 90 days; clseq sees the purchases before, of one item, with quantity and amount, and the first
training is for the same question about the 90 days before, which the purchases themselves answer for everybody.

A model is trained with the settings of --first, without a label, for the first number of epochs, and is then
fine-tuned for each target, for the second. The same model from scratch has both numbers of epochs together. Labels
are known of a share of the training users, drawn by the seed; the others are scored beside the test users. The
validation users, who choose the epoch, are those of clseq's split by user (Split+Users.swift). All have the
--settings. Prints the figures of each seed, their means and deviations. Needs scikit-learn.
"""

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys

from sklearn.metrics import accuracy_score, roc_auc_score

from counter_random import CounterRandom

GROUPS = ((25, "below 25"), (35, "25 to 34"), (50, "35 to 49"), (1000, "50 and above"))
HORIZON = datetime.timedelta(days=90)
SPLIT = CounterRandom(42, int.from_bytes(b"users", "big"))


def id_hash(user):
    """FNV-1a of an id."""
    number = 0xCBF29CE484222325
    for byte in user.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number


def known_users(users, share, seed):
    """The users whose labels are known: a share of the training users, and all others."""
    training = [user for user in users if SPLIT.uniform(id_hash(user)) >= 0.2]
    order = CounterRandom(seed, int.from_bytes(b"labels", "big")).permutation(len(training))
    kept = {training[place] for place in order[: round(share * len(training))]}
    return kept | (set(users) - set(training)), len(kept)


class MovieLens:
    """Ratings of films, and attributes of users."""

    targets = {"gender": "AUC", "age_group": "accuracy"}
    positive = {"gender": "F"}
    reading = ["--inputs", "none", "--max-length", "100"]
    defaults = {"model": "bert4rec", "epochs": "60,30", "first": "",
                "settings": "--pooling mean --learning-rate 0.0003"}

    def __init__(self, paths, _):
        self.log, users = paths
        self.labels = {}
        with open(users, encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                age = int(row["age:token"])
                group = next(name for limit, name in GROUPS if age < limit)
                self.labels[row["user_id:token"]] = {
                    "gender": row["gender:token"], "age_group": group}


class CDNOW:
    """Purchases, and who buys nothing in the last days."""

    targets = {"churned": "AUC"}
    positive = {"churned": "yes"}
    reading = ["--event-features", "quantity:log,amount:log", "--max-length", "50"]
    defaults = {"model": "gru", "epochs": "10,30",
                "first": "--task classify --target churn --horizon 90d",
                "settings": "--learning-rate 0.001"}

    def __init__(self, paths, folder):
        with open(paths[0], encoding="ascii") as lines:
            rows = [line.split() for line in lines if line.strip()]
        days = [datetime.datetime.strptime(row[1], "%Y%m%d") for row in rows]
        cutoff = max(days) - HORIZON
        self.log = os.path.join(folder, "purchases.csv")
        later = {row[0] for row, day in zip(rows, days) if day > cutoff}
        self.labels = {}
        with open(self.log, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", "item_id", "timestamp", "quantity", "amount"])
            for row, day in zip(rows, days):
                if day <= cutoff:
                    self.labels[row[0]] = {"churned": "no" if row[0] in later else "yes"}
                    writer.writerow([row[0], "cd", day.date().isoformat(), *row[2:4]])


LOGS = {"movielens": MovieLens, "cdnow": CDNOW}


def write_labels(log, target, share, seed):
    """Writes the labels of users, empty where they are not known. Returns how many training users have them, and
    the labels of the users to be scored by."""
    known, count = known_users(list(log.labels), share, seed)
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", *log.targets])
        scored = {}
        for user, labels in log.labels.items():
            values = [labels[name] for name in log.targets]
            writer.writerow([user, *(values if user in known else [""] * len(values))])
            if user not in known or SPLIT.uniform(id_hash(user)) < 0.1:
                scored[user] = labels
    return count, scored


def figure(options, log, run, target, labels):
    """The figure of a run on users whose labels it did not know, or did not train on."""
    command = [options.clseq, "predict", os.path.join(options.folder, run), log.log, "--quiet"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    rows = [row for row in csv.DictReader(lines.splitlines()) if row["user"] in labels]
    truths = [labels[row["user"]][target] for row in rows]
    if log.targets[target] == "accuracy":
        return accuracy_score(truths, [row["class"] for row in rows])
    positive = log.positive[target]
    return roc_auc_score(
        [truth == positive for truth in truths],
        [float(row[f"probability.{positive}"]) for row in rows])


def train(options, run, *arguments):
    """Trains a run that is not there yet."""
    path = os.path.join(options.folder, run)
    summary = os.path.join(path, "summary.json")
    if not os.path.exists(summary):
        command = [options.clseq, *arguments, "--run", path, "--quiet", "--format", "json"]
        if os.path.exists(path):
            command.append("--resume")
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"pretraining.py: {' '.join(command)} ended with {done.returncode}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", choices=LOGS)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--clseq", default="clseq")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--model")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--epochs")
    parser.add_argument("--first")
    parser.add_argument("--settings")
    parser.add_argument("--folder", default="runs/pretraining")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for name, value in LOGS[options.log].defaults.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    first, second = (int(number) for number in options.epochs.split(","))
    os.makedirs(options.folder, exist_ok=True)
    log = LOGS[options.log](options.paths, options.folder)
    results = []
    for seed in options.seeds.split(","):
        labels = os.path.join(options.folder, f"labels-{seed}.csv")
        count, scored = write_labels(log, labels, options.share, int(seed))
        base = f"{options.model}-{seed}"
        train(options, base, "train", log.log, "--model", options.model, *options.first.split(),
              *log.reading, "--seed", seed, "--epochs", str(first), "--patience", "0")
        for target, name in log.targets.items():
            task = ["--task", "classify", "--target", f"user:{target}", "--users", labels,
                    *log.reading, "--seed", seed, "--patience", "0", *options.settings.split()]
            tuned, scratch = f"{base}-{target}", f"{base}-{target}-scratch"
            train(options, tuned, "finetune", f"{options.folder}/{base}", log.log, *task,
                  "--epochs", str(second))
            train(options, scratch, "train", log.log, "--model", options.model, *task,
                  "--epochs", str(first + second))
            results.append({
                "target": target, "figure": name, "seed": int(seed), "labels": count,
                "users": len(scored), "pretrained": figure(options, log, tuned, target, scored),
                "scratch": figure(options, log, scratch, target, scored)})
    if options.json:
        print(json.dumps(results, indent=1))
        return
    print("| target | figure | labels | users scored | pre-trained | scratch | seeds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for target, name in log.targets.items():
        rows = [row for row in results if row["target"] == target]

        def text(key):
            values = [row[key] for row in rows]
            spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
            return f"{statistics.mean(values):.4f}{spread}"

        seeds = "; ".join(f"{row['pretrained']:.4f}, {row['scratch']:.4f}" for row in rows)
        print(f"| {target} | {name} | {rows[0]['labels']} | {rows[0]['users']} | {text('pretrained')} | "
              f"{text('scratch')} | {seeds} |")


if __name__ == "__main__":
    main()
