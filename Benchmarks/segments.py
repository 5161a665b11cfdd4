#!/usr/bin/env python3
"""How well segments of users recover the hidden tastes of the generated log.

    Benchmarks/segments.py [--clseq BINARY] [--users 3000] [--items 500] [--min-events 20] [--seed 1]
                           [--epochs 30] [--folder runs/segments]

Six tastes are hidden in `clseq generate`. A transformer learns the next items; `clseq cluster --k 6` groups the users by
its vectors. Prints the adjusted Rand index of the tastes and these groups, those of scikit-learn's KMeans on the same vectors
(`clseq embed --vector mean`), those of KMeans on 32 principal components of the users' items, and the seconds of each. Needs
scikit-learn.
"""

import argparse
import csv
import os
import subprocess
import time

import numpy
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

TASTES = 6


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clseq", default="clseq")
    parser.add_argument("--users", default="3000")
    parser.add_argument("--items", default="500")
    parser.add_argument("--min-events", default="20")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", default="30")
    parser.add_argument("--folder", default="runs/segments")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    log, labels, run, vectors, segments = (
        os.path.join(options.folder, name)
        for name in ("log.inter", "log.user", f"run-{options.seed}", f"vectors-{options.seed}.npy",
                     f"segments-{options.seed}.csv"))

    def clseq(*words):
        start = time.time()
        subprocess.run([options.clseq, *words, "--quiet"], stdout=subprocess.DEVNULL, check=True)
        return time.time() - start

    if not os.path.exists(log):
        clseq("generate", "--users", options.users, "--items", options.items, "--min-events",
              options.min_events, "--labels", labels, log)
    if not os.path.exists(os.path.join(run, "summary.json")):
        clseq("train", log, "--epochs", options.epochs, "--seed", str(options.seed), "--run", run)
    for path in (vectors, vectors + ".ids", segments):
        if os.path.exists(path):
            os.remove(path)
    clseq("embed", run, log, "--vector", "mean", "-o", vectors)
    seconds = {"clseq cluster": clseq("cluster", run, log, "--k", str(TASTES), "-o", segments)}
    with open(labels, encoding="utf-8") as file:
        tastes = {row["user_id:token"]: row["taste:token"] for row in csv.DictReader(file, delimiter="\t")}
    with open(segments, encoding="utf-8") as file:
        found = {row["user"]: row["segment"] for row in csv.DictReader(file)}
    with open(vectors + ".ids", encoding="utf-8") as file:
        users = file.read().splitlines()
    groups = {"clseq cluster": [found[user] for user in users]}
    with open(log, encoding="utf-8") as file:
        events = list(csv.DictReader(file, delimiter="\t"))
    items = {item: place for place, item in enumerate(sorted({e["item_id:token"] for e in events}))}
    places = {user: place for place, user in enumerate(users)}
    bags = numpy.zeros((len(users), len(items)), numpy.float32)
    for event in events:
        if event["user_id:token"] in places:
            bags[places[event["user_id:token"]], items[event["item_id:token"]]] += 1
    matrices = {
        "KMeans of the same vectors": numpy.load(vectors),
        "KMeans of 32 components of bags": PCA(32, random_state=0).fit_transform(bags)}
    for name, matrix in matrices.items():
        start = time.time()
        groups[name] = KMeans(TASTES, n_init=10, random_state=0).fit_predict(matrix)
        seconds[name] = time.time() - start
    truths = [tastes[user] for user in users]
    print("| groups | adjusted Rand index | seconds |")
    print("| --- | --- | --- |")
    for name, group in groups.items():
        print(f"| {name} | {adjusted_rand_score(truths, group):.3f} | {seconds[name]:.1f} |")


if __name__ == "__main__":
    main()
