#!/usr/bin/env python3
"""What pre-training is worth for attributes of users of MovieLens 100K, where few labels are known.

    Benchmarks/pretraining.py INTER USER [--clseq BINARY] [--seeds 1,2,3] [--model bert4rec]
                              [--share 0.1] [--epochs 60,30] [--settings "..."]
                              [--folder runs/pretraining] [--json]

INTER and USER are ml-100k.inter and ml-100k.user of RecBole. A model is trained on the items of all
users without a label, for the first number of epochs, and is then fine-tuned for the gender and for the age
group (below 25, 35, 50, above), for the second. The same model from scratch has both numbers of epochs
together. Labels are known of a share of the training users, drawn by the seed; the others are scored beside
the test users, eight hundred in all. The validation users, who choose the epoch, are those of clseq's split
by user (Split+Users.swift). Both have the --settings. Prints the figures of each seed, their means and
deviations. Needs scikit-learn.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys

from sklearn.metrics import accuracy_score, roc_auc_score

from counter_random import CounterRandom

GROUPS = ((25, "below 25"), (35, "25 to 34"), (50, "35 to 49"), (1000, "50 and above"))
TARGETS = {"gender": "AUC", "age_group": "accuracy"}
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


def write_labels(source, target, share, seed):
    """Writes the gender and age group of users, empty where they are not known. Returns how many training users
    have them, and the labels of the users to be scored by."""
    with open(source, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    known, count = known_users([row["user_id:token"] for row in rows], share, seed)
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", *TARGETS])
        scored = {}
        for row in rows:
            user, age = row["user_id:token"], int(row["age:token"])
            group = next(name for limit, name in GROUPS if age < limit)
            labels = [row["gender:token"], group]
            writer.writerow([user, *(labels if user in known else ["", ""])])
            if user not in known or SPLIT.uniform(id_hash(user)) < 0.1:
                scored[user] = dict(zip(TARGETS, labels))
    return count, scored


def figure(options, run, target, labels):
    """The figure of a run on users whose labels it did not know, or did not train on."""
    command = [options.clseq, "predict", os.path.join(options.folder, run), options.inter, "--quiet"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    rows = [row for row in csv.DictReader(lines.splitlines()) if row["user"] in labels]
    truths = [labels[row["user"]][target] for row in rows]
    if TARGETS[target] == "accuracy":
        return accuracy_score(truths, [row["class"] for row in rows])
    return roc_auc_score(
        [truth == "F" for truth in truths], [float(row["probability.F"]) for row in rows])


def train(options, run, *arguments):
    """Trains a run that is not there yet."""
    path = os.path.join(options.folder, run)
    summary = os.path.join(path, "summary.json")
    if not os.path.exists(summary):
        command = [options.clseq, *arguments, "--max-length", "100", "--run", path, "--quiet",
                   "--format", "json"]
        if os.path.exists(path):
            command.append("--resume")
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"pretraining.py: {' '.join(command)} ended with {done.returncode}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inter")
    parser.add_argument("user")
    parser.add_argument("--clseq", default="clseq")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--model", default="bert4rec")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--epochs", default="60,30")
    parser.add_argument("--settings", default="--pooling mean --learning-rate 0.0003")
    parser.add_argument("--folder", default="runs/pretraining")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    first, second = (int(number) for number in options.epochs.split(","))
    os.makedirs(options.folder, exist_ok=True)
    results = []
    for seed in options.seeds.split(","):
        labels = os.path.join(options.folder, f"labels-{seed}.csv")
        count, scored = write_labels(options.user, labels, options.share, int(seed))
        base = f"{options.model}-{seed}"
        train(options, base, "train", options.inter, "--model", options.model, "--seed", seed,
              "--epochs", str(first), "--patience", "0")
        for target, name in TARGETS.items():
            task = ["--task", "classify", "--target", f"user:{target}", "--users", labels, "--inputs",
                    "none", "--seed", seed, "--patience", "0", *options.settings.split()]
            tuned, scratch = f"{base}-{target}", f"{base}-{target}-scratch"
            train(options, tuned, "finetune", f"{options.folder}/{base}", options.inter, *task,
                  "--epochs", str(second))
            train(options, scratch, "train", options.inter, "--model", options.model, *task,
                  "--epochs", str(first + second))
            results.append({
                "target": target, "figure": name, "seed": int(seed), "labels": count,
                "users": len(scored), "pretrained": figure(options, tuned, target, scored),
                "scratch": figure(options, scratch, target, scored)})
    if options.json:
        print(json.dumps(results, indent=1))
        return
    print("| target | figure | labels | users scored | pre-trained | scratch | seeds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for target, name in TARGETS.items():
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
