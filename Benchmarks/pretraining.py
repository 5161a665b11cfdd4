#!/usr/bin/env python3
"""What training without labels is worth: where few labels are known, and where items have attributes.

    Benchmarks/pretraining.py movielens INTER USER [--clseq BINARY] [--seeds 1,2,3] [--model NAME]
                              [--share 0.1] [--epochs 60,30] [--shape "..."] [--first "..."]
                              [--settings "..."] [--tuning "..."] [--folder runs/pretraining] [--json]
    Benchmarks/pretraining.py cdnow CDNOW [the same options]
    Benchmarks/pretraining.py beauty LOG ATTRIBUTES [the same options but --share]

INTER and USER are ml-100k.inter and ml-100k.user of RecBole: the targets are the gender and the age group (below
25, 35, 50, above) of users. CDNOW holds `id yyyymmdd quantity amount`, a purchase a line: the target is who buys
nothing in the last 90 days; clseq sees the purchases before, of one item, with quantity and amount, and the first
training is for the same question about the 90 days before, which the purchases themselves answer for everybody.
LOG and ATTRIBUTES are Beauty 5-core of S3-Rec, `user item item …` and a JSON object of lists of numbers by item: the
task is the next item, and the first training is for next items and their attributes.

A model is trained with the settings of --first for the first number of epochs, and is then fine-tuned for each
target, for the second, with those of --settings and --tuning. The same model from scratch has --settings alone, and
both numbers of epochs together. All three have those of --shape. Labels are known of a share of the training users,
drawn by the seed; the others are scored beside the test users. The validation users, who choose the epoch, are those
of clseq's split by user (Split+Users.swift). Next items are scored on clseq's test events. Prints the figures of each
seed, their means and deviations. Needs scikit-learn.
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


class Labelled:
    """A log with labels of users, of which a share is known."""

    first = []

    def tasks(self, options, seed):
        """The settings of each target."""
        path = os.path.join(options.folder, f"labels-{seed}.csv")
        self.counts, self.scored = self.write_labels(path, options.share, seed)
        return {target: ["--task", "classify", "--target", f"user:{target}", "--users", path]
                for target in self.targets}

    def write_labels(self, path, share, seed):
        """Writes the labels of users, empty where they are not known. Returns how many training users have them and
        how many users are to be scored, and the labels of these."""
        known, count = known_users(list(self.labels), share, seed)
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user_id", *self.targets])
            scored = {}
            for user, labels in self.labels.items():
                values = [labels[name] for name in self.targets]
                writer.writerow([user, *(values if user in known else [""] * len(values))])
                if user not in known or SPLIT.uniform(id_hash(user)) < 0.1:
                    scored[user] = labels
        return {"labels": count, "users": len(scored)}, scored

    def figure(self, options, run, target):
        """The figure of a run on users whose labels it did not know, or did not train on."""
        command = [options.clseq, "predict", os.path.join(options.folder, run), self.log, "--quiet"]
        lines = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
        rows = [row for row in csv.DictReader(lines.splitlines()) if row["user"] in self.scored]
        truths = [self.scored[row["user"]][target] for row in rows]
        if self.targets[target] == "accuracy":
            return accuracy_score(truths, [row["class"] for row in rows])
        positive = self.positive[target]
        return roc_auc_score(
            [truth == positive for truth in truths],
            [float(row[f"probability.{positive}"]) for row in rows])


class MovieLens(Labelled):
    """Ratings of films, and attributes of users."""

    targets = {"gender": "AUC", "age_group": "accuracy"}
    positive = {"gender": "F"}
    reading = ["--inputs", "none", "--max-length", "100"]
    defaults = {"model": "bert4rec", "epochs": "60,30", "shape": "", "first": "",
                "settings": "--pooling mean --learning-rate 0.0003", "tuning": ""}

    def __init__(self, paths, _):
        self.log, users = paths
        self.labels = {}
        with open(users, encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                age = int(row["age:token"])
                group = next(name for limit, name in GROUPS if age < limit)
                self.labels[row["user_id:token"]] = {
                    "gender": row["gender:token"], "age_group": group}


class CDNOW(Labelled):
    """Purchases, and who buys nothing in the last days."""

    targets = {"churned": "AUC"}
    positive = {"churned": "yes"}
    reading = ["--event-features", "quantity:log,amount:log", "--max-length", "50"]
    defaults = {"model": "gru", "epochs": "10,30", "shape": "",
                "first": "--task classify --target churn --horizon 90d",
                "settings": "--learning-rate 0.001", "tuning": ""}

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


class Beauty:
    """Purchases, and attributes of items."""

    targets = {"next-item": "NDCG@10"}
    reading = ["--inputs", "none", "--max-length", "50"]
    defaults = {"model": "transformer", "epochs": "30,20", "shape": "--layers 1 --heads 1 --dropout 0.4",
                "first": "--task pretrain --tasks next-item,item-attributes", "settings": "",
                "tuning": "--learning-rate 0.0003"}

    def __init__(self, paths, folder):
        self.log, attributes = paths
        items = os.path.join(folder, "items.csv")
        with open(attributes, encoding="utf-8") as file:
            tags = json.load(file)
        with open(items, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["item_id", "tags"])
            writer.writerows([item, "|".join(map(str, tags[item]))] for item in tags)
        self.first = ["--items", items, "--attribute-kinds", "tags=token_seq"]
        with open(self.log, encoding="utf-8") as file:
            self.counts = {"labels": "all", "users": sum(1 for _ in file)}

    def tasks(self, _options, _seed):
        """The settings of the only target."""
        return {"next-item": ["--task", "next-item"]}

    def figure(self, options, run, target):
        """The figure of a run on the test events."""
        with open(os.path.join(options.folder, run, "summary.json"), encoding="utf-8") as file:
            return json.load(file)["test"][self.targets[target]]


LOGS = {"movielens": MovieLens, "cdnow": CDNOW, "beauty": Beauty}


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
    parser.add_argument("--shape")
    parser.add_argument("--first")
    parser.add_argument("--settings")
    parser.add_argument("--tuning")
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
        base = f"{options.model}-{seed}"
        common = [*log.reading, *options.shape.split(), "--seed", seed, "--patience", "0"]
        train(options, base, "train", log.log, "--model", options.model, *log.first, *options.first.split(), *common,
              "--epochs", str(first))
        for target, task in log.tasks(options, int(seed)).items():
            task = [*task, *common, *options.settings.split()]
            tuned, scratch = f"{base}-{target}", f"{base}-{target}-scratch"
            train(options, tuned, "finetune", f"{options.folder}/{base}", log.log, *task,
                  *options.tuning.split(), "--epochs", str(second))
            train(options, scratch, "train", log.log, "--model", options.model, *task,
                  "--epochs", str(first + second))
            results.append({
                "target": target, "figure": log.targets[target], "seed": int(seed), **log.counts,
                "pretrained": log.figure(options, tuned, target),
                "scratch": log.figure(options, scratch, target)})
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
