#!/usr/bin/env python3
"""The type of the next event in a generated shop, beside the best accuracy there can be.

    Benchmarks/event_types.py [--clseq .build/release/clseq] [--models transformer] [--seeds 1,2,3]
                              [--users 8000] [--items 1000] [--shop-seed 1] [--json]

`clseq generate --typed` writes a log whose types are a Markov chain: the type of an event depends on
the type before it and the category of the item before it, and on nothing else (ShopTypes.swift). The
chain is drawn from the shop's seed, and drawn again here, so that the best possible accuracy on the
very test events, each user's last, is known without a word of the program that is measured.
"""

import argparse
import collections
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from counter_random import CounterRandom

KINDS = ["view", "cart", "purchase"]
LEAST_EVENTS = 3  # users with fewer have no test event
SHELVES, TYPES = 1, 10  # what the random numbers are for: ShopCatalogue.Purpose


class TypeChain:
    """The probabilities of the next type after a type and an item."""

    def __init__(self, items, seed):
        categories = max(2, min(50, items // 25))
        self.category = {}
        for position, item in enumerate(CounterRandom(seed, SHELVES).permutation(items)):
            self.category[f"i{item + 1}"] = position % categories
        self.rows = [self.row(CounterRandom(seed, TYPES, row))
                     for row in range(categories * len(KINDS))]

    @staticmethod
    def row(random):
        u = random.uniform(0)
        usual = 0 if u < 0.5 else 1 if u < 0.75 else 2
        share = 0.55 + 0.35 * random.uniform(1)
        first = (1 - share) * (0.2 + 0.6 * random.uniform(2))
        probabilities = [first, 1 - share - first]
        probabilities.insert(usual, share)
        return probabilities

    def next(self, item, kind):
        return self.rows[self.category[item] * len(KINDS) + KINDS.index(kind)]


def read_log(path):
    """[(item, type), ...] by user; the log is in the order of users and times."""
    users = collections.defaultdict(list)
    with open(path, encoding="ascii") as lines:
        next(lines)
        for line in lines:
            user, item, kind, _ = line.split("\t")
            users[user].append((item, kind))
    return [events for events in users.values() if len(events) >= LEAST_EVENTS]


def best_accuracy(users, chain):
    """Of who knows the chain: expected given what comes before, and on the events as they came.
    Beside it the type that is most frequent in training, and a repetition of the last type."""
    training = collections.Counter(kind for events in users for _, kind in events[:-2])
    usual = training.most_common(1)[0][0]
    expected, hits, constant, repeated = 0.0, 0, 0, 0
    for events in users:
        (item, before), (_, truth) = events[-2], events[-1]
        probabilities = chain.next(item, before)
        expected += max(probabilities)
        hits += KINDS[probabilities.index(max(probabilities))] == truth
        constant += usual == truth
        repeated += before == truth
    return {"expected": expected / len(users), "best possible": hits / len(users),
            "constant": constant / len(users), "last type again": repeated / len(users)}


def clseq(binary, path, model, seed, options):
    """What `clseq train` says of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "train", path, "--task", "next-event-type", "--model", model, "--seed",
                   str(seed), "--format", "json", "--run", os.path.join(folder, "run"), *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr[-2000:]}")
    summary = json.loads(done.stdout)
    return {"accuracy": summary["test"]["accuracy"], "best_epoch": summary["best_epoch"]}


def measure(asked):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "shop.inter")
        subprocess.run(
            [asked.clseq, "generate", "--typed", "--users", str(asked.users), "--items",
             str(asked.items), "--seed", str(asked.shop_seed), path], check=True)
        users = read_log(path)
        known = best_accuracy(users, TypeChain(asked.items, asked.shop_seed))
        rows = []
        for model in filter(None, asked.models.split(",")):
            runs = []
            for seed in asked.seeds:
                start = time.perf_counter()
                run = clseq(asked.clseq, path, model, seed, asked.options.split())
                run |= {"seed": seed, "seconds": round(time.perf_counter() - start, 1)}
                print(f"{model} {json.dumps(run)}", file=sys.stderr)
                runs.append(run)
            rows.append({"system": f"clseq {model}", "runs": runs})
    return {"users": len(users), "known": known, "rows": rows}


def print_table(report):
    known = report["known"]
    best = known["best possible"]
    print(f"{report['users']:,} test events; the best accuracy expected before they came is "
          f"{known['expected']:.4f}\n")
    print("| foreteller | accuracy, mean | by seed | of the best |\n| --- | --- | --- | --- |")
    for row in report["rows"]:
        mean = statistics.fmean(run["accuracy"] for run in row["runs"])
        print(f"| {row['system']} | {mean:.4f} | "
              f"{', '.join(format(run['accuracy'], '.4f') for run in row['runs'])} | "
              f"{100 * mean / best:.1f} % |")
    for name in ("best possible", "last type again", "constant"):
        print(f"| {name} | {known[name]:.4f} | | {100 * known[name] / best:.1f} % |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clseq", default=".build/release/clseq")
    parser.add_argument("--models", default="transformer", help="as --model takes them")
    parser.add_argument("--seeds", default="1,2,3", type=lambda t: [int(s) for s in t.split(",")])
    parser.add_argument("--users", type=int, default=8_000)
    parser.add_argument("--items", type=int, default=1_000)
    parser.add_argument("--shop-seed", type=int, default=1)
    parser.add_argument("--options", default="", help="more options of `clseq train`, one text")
    parser.add_argument("--json", action="store_true", help="one JSON document, not a table")
    asked = parser.parse_args()
    report = measure(asked)
    if asked.json:
        print(json.dumps(report))
    else:
        print_table(report)


if __name__ == "__main__":
    main()
