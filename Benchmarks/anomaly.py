#!/usr/bin/env python3
"""Anomalies by `clseq anomaly`: the generated shop, and whose shell commands a block is.

    Benchmarks/anomaly.py shop BINARY [--seed 2] [--ways "--aggregate max,--score distance"]
    Benchmarks/anomaly.py masquerade BINARY FOLDER [--part test] [--results FILE]

`shop` trains on a log without anomalies, of users 1 to USERS, and scores later users of the same shop, of
which a share are bots, repeaters or accounts that are taken over. No user is in both.

`masquerade` takes user1.txt to user8.txt, a shell command a line (UNIX user data, Lane and Brodley 1997). For each user
a model is trained on the first half of the user's commands alone, in blocks of 100. It scores blocks of the
second half and, as anomalies, blocks of the second halves of the other seven; the figure is the mean AUC over the eight
users. `--part validation` trains on four fifths of the first half, and scores the last fifth and the
first halves of the others: settings are chosen there. Beside it stand, on the same blocks, a first-order Markov model and an
isolation forest on counts of commands, whose settings are chosen in the same way. A command that training did not have
counts for the Markov model as for clseq, like one of the rarest. Needs numpy and scikit-learn.
"""

import argparse
import collections
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

BLOCK = 100
MARKOV_STRENGTHS = (0.3, 1, 3, 10, 30)
MASQUERADE_TRAININGS = [
    "--model mlp --batch-size 8 --max-length 100 --dropout 0.5 " + more for more in (
        "--epochs 15 --label-smoothing 0.3", "--epochs 8 --label-smoothing 0.5",
        "--epochs 20 --window 2 --label-smoothing 0.05 --hidden-size 128")]
FOREST_FORMS = {"counts": lambda n: n, "logarithms": np.log1p, "presence": lambda n: np.minimum(n, 1)}


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def check(binary, folder, log, labels, options):
    """The figures by kind of `clseq anomaly`."""
    report = json.loads(run([
        binary, "anomaly", os.path.join(folder, "run"), log, "--labels", labels, "--format", "json",
        *options]))
    return {kind["kind"]: kind for kind in report["check"]["kinds"]}


def shop(asked):
    """A table with a row a kind and way of scoring."""
    size = ["--items", "1000", "--min-events", "20", "--max-events", "100", "--days", "366",
            "--seed", str(asked.seed)]
    with contextlib.ExitStack() as ending:
        folder = asked.folder or ending.enter_context(tempfile.TemporaryDirectory())
        clean, both, test, labels = (
            os.path.join(folder, name)
            for name in ("clean.inter", "both.inter", "test.inter", "shop.user"))
        if not os.path.exists(clean):
            run([asked.clseq, "generate", clean, "--users", str(asked.users), *size])
            run([asked.clseq, "generate", both, "--users", str(asked.users + asked.tested),
                 "--anomalies", str(asked.share), "--labels", labels, *size])
        with open(both) as source, open(test, "w") as kept:
            kept.write(next(source))
            kept.writelines(
                line for line in source if int(line[1:line.index("\t")]) > asked.users)
        if not os.path.exists(os.path.join(folder, "run")):
            run([asked.clseq, "train", clean, "--run", os.path.join(folder, "run"), "--seed",
                 str(asked.seed), *asked.train.split()])
        print("| score | kind | users | AUC | in random order | PR-AUC | flagged | patterns |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for way in asked.ways.split(","):
            kinds = check(asked.clseq, folder, test, labels, way.split())
            for name, kind in kinds.items():
                cells = [way, name, str(kind["sequences"])]
                cells += [f"{kind[key]:.4f}" if kind.get(key) is not None else ""
                          for key in ("AUC", "AUC_in_random_order", "PR-AUC", "recall")]
                cells.append(", ".join(
                    f"{pattern} {share:.3f}" for pattern, share in sorted(kind["patterns"].items())
                    if share > 0))
                print(f"| {' | '.join(cells)} |", flush=True)


def blocks(commands):
    return [commands[start:start + BLOCK]
            for start in range(0, len(commands) - BLOCK + 1, BLOCK)]


def cases(users, own, part):
    """Training blocks, own later blocks, and blocks of others."""
    halves = [(user[:len(user) // 2], user[len(user) // 2:]) for user in users]
    first, second = halves[own]
    others = [half for number, half in enumerate(halves) if number != own]
    if part == "test":
        return blocks(first), blocks(second), [b for half in others for b in blocks(half[1])]
    kept = blocks(first)
    cut = len(kept) * 4 // 5
    return kept[:cut], kept[cut:], [b for half in others for b in blocks(half[0])]


def auc(own, others):
    return float(roc_auc_score([0] * len(own) + [1] * len(others), own + others))


def markov(training, own, others, strength):
    """Mean negative log-likelihood of the commands of a block but for the first: transitions, smoothed by the shares of
    commands with a strength in observations."""
    shares = collections.Counter(command for block in training for command in block)
    total = sum(shares.values())
    rarest = min(shares.values()) / total
    pairs = collections.Counter(pair for block in training for pair in zip(block, block[1:]))
    starts = collections.Counter(command for block in training for command in block[:-1])

    def score(block):
        sum_of_logs = 0.0
        for before, command in zip(block, block[1:]):
            share = shares[command] / total
            chance = (pairs[before, command] + strength * share) / (starts[before] + strength)
            sum_of_logs -= math.log(chance if command in shares else rarest)
        return sum_of_logs / (len(block) - 1)

    return auc([score(block) for block in own], [score(block) for block in others])


def forest(training, own, others, form, seed):
    """Isolation forest on the counts of the commands of training, and of all others together."""
    places = {command: place for place, command in enumerate(
        sorted({command for block in training for command in block}))}

    def bags(some):
        counts = np.zeros((len(some), len(places) + 1))
        for row, block in enumerate(some):
            for command in block:
                counts[row, places.get(command, len(places))] += 1
        return FOREST_FORMS[form](counts)

    trees = IsolationForest(n_estimators=300, random_state=seed).fit(bags(training))
    return auc(list(-trees.score_samples(bags(own))), list(-trees.score_samples(bags(others))))


def model(asked, options, training, own, others):
    """AUC of clseq, and with the commands of each block in a random order."""
    with tempfile.TemporaryDirectory() as folder:
        log, test, labels = (
            os.path.join(folder, name) for name in ("own.txt", "test.txt", "labels.csv"))
        with open(log, "w") as file:
            file.writelines(f"t{number} {' '.join(block)}\n"
                            for number, block in enumerate(training))
        with open(test, "w") as file, open(labels, "w") as kinds:
            kinds.write("user_id,kind\n")
            for kind, some in (("none", own), ("other", others)):
                for number, block in enumerate(some):
                    file.write(f"{kind}{number} {' '.join(block)}\n")
                    kinds.write(f"{kind}{number},{kind}\n")
        run([asked.clseq, "train", log, "--data-format", "sequences", "--run",
             os.path.join(folder, "run"), "--seed", str(asked.seed), *options.split()])
        found = check(asked.clseq, folder, test, labels, ["--data-format", "sequences"])["all"]
    return found["AUC"], found["AUC_in_random_order"]


def of_model(asked, users, own, part, options):
    """The same, kept in the file of results."""
    known = {}
    if asked.results and os.path.exists(asked.results):
        with open(asked.results) as file:
            known = json.load(file)
    key = f"{part}, user {own + 1}, seed {asked.seed}: {options}"
    if key not in known:
        known[key] = model(asked, options, *cases(users, own, part))
        print(f"{key}: {known[key]}", file=sys.stderr, flush=True)
        if asked.results:
            with open(asked.results, "w") as file:
                json.dump(known, file, indent=1)
    return known[key]


def masquerade(asked):
    """A row a user, and the means."""
    users = []
    for number in range(1, 9):
        path = os.path.join(asked.folder, f"user{number}.txt")
        with open(path, encoding="utf-8", errors="replace") as lines:
            # A blank would end a command in a file of sequences.
            users.append([line.strip().replace(" ", "_") for line in lines if line.strip()])
    systems = collections.defaultdict(list)
    chosen = [asked.user - 1] if asked.user else range(8)
    for own in chosen:
        validation, part = (cases(users, own, name) for name in ("validation", asked.part))
        for name, settings, score in (
                ("Markov", MARKOV_STRENGTHS, markov),
                ("isolation forest", list(FOREST_FORMS), lambda *a: forest(*a, asked.seed))):
            best = max(settings, key=lambda setting: score(*validation, setting))
            systems[f"{name}, as the validation chooses"].append(score(*part, best))
            for setting in settings:
                systems[f"{name}, {setting}"].append(score(*part, setting))
        if asked.clseq != "none":
            options = max(
                asked.train or MASQUERADE_TRAININGS,
                key=lambda options: of_model(asked, users, own, "validation", options)[0])
            figure, shuffled = of_model(asked, users, own, asked.part, options)
            systems["clseq, as the validation chooses"].append(figure)
            systems["the same in random order"].append(shuffled)
            print(f"user{own + 1}: {options}", file=sys.stderr, flush=True)
    print(f"| AUC, {asked.part} | mean | " + " | ".join(f"{own + 1}" for own in chosen) + " |")
    print("| --- | --- |" + " --- |" * len(chosen))
    for name, figures in systems.items():
        print(f"| {name} | {statistics.fmean(figures):.4f} | "
              + " | ".join(f"{figure:.3f}" for figure in figures) + " |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(required=True)
    of_shop = parts.add_parser("shop")
    of_shop.add_argument("clseq", metavar="BINARY")
    of_shop.add_argument("--folder", help="keeps the logs and the run, and takes those that are there")
    of_shop.add_argument("--users", type=int, default=6000, help="users of the training log")
    of_shop.add_argument("--tested", type=int, default=4000, help="users that are scored")
    of_shop.add_argument("--share", type=float, default=0.06, help="share of anomalies")
    of_shop.add_argument("--ways", default="--aggregate mean,--aggregate max,--aggregate change,--score distance",
                         help="options of `clseq anomaly`, separated by commas")
    of_shop.add_argument("--train", default="--max-length 100 --split-by user --epochs 40 --patience 4")
    of_shop.set_defaults(measure=shop)
    of_commands = parts.add_parser("masquerade")
    of_commands.add_argument("clseq", metavar="BINARY", help="none for the others alone")
    of_commands.add_argument("folder")
    of_commands.add_argument("--part", default="test", choices=["validation", "test"])
    of_commands.add_argument("--user", type=int, help="one of them alone")
    of_commands.add_argument("--train", action="append", help="options of `clseq train` to choose from")
    of_commands.add_argument("--results", help="a file of results, from which it goes on")
    of_commands.set_defaults(measure=masquerade)
    for one, seed in ((of_shop, 2), (of_commands, 1)):
        one.add_argument("--seed", type=int, default=seed)
    asked = parser.parse_args()
    asked.measure(asked)


if __name__ == "__main__":
    main()
