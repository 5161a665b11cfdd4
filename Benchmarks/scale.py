#!/usr/bin/env python3
"""Measures how much memory large logs take: that of each command which is its own, not pages of files (RssAnon).

    Benchmarks/scale.py [--scale 1] [--bars train,ranks,rows,users] [--clseq .build/release/clseq] [--device cpu]
                        [--folder DIR] [--json]

The bars, at scale 1; a scale of 0.1 takes a tenth of users and items, and the bars in proportion:

    train   200 million events of 2 million users: prepared, then trained by time with an LSTM for two minutes, with
            cuts that leave at most 100,000 targets a part: at most 2.5 GiB
    ranks   20 million users: `evaluate --sampled-negatives 100`: at most 1 GiB more than an evaluation of a
            hundredth of the targets by the same model
    rows    20 million targets of the next event's type: `evaluate`: likewise
    users   40 million users of one to three events: prepared with at most 1,024 open files

It takes some 40 GB of disk at scale 1, in a temporary folder unless one is named, and removes what it made.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time


def own_bytes(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def run(arguments, limit=None):
    """Runs a command. Returns its seconds and the most memory of its own, in bytes."""

    def prepare():
        if limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    start = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=prepare)
    peak, ended = [0], threading.Event()

    def watch():
        while not ended.wait(0.05):
            peak[0] = max(peak[0], own_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    errors = process.communicate()[1].decode()
    ended.set()
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"{' '.join(arguments)} ended with status {process.returncode}:\n{errors}")
    return time.perf_counter() - start, peak[0]


class Bars:
    def __init__(self, asked, folder):
        self.asked, self.folder, self.rows = asked, folder, []

    def count(self, number):
        return str(max(1, round(number * self.asked.scale)))

    def path(self, name):
        return os.path.join(self.folder, name)

    def clseq(self, bar, *arguments, limit=None):
        seconds, peak = run([self.asked.clseq, *arguments], limit)
        self.rows.append({"bar": bar, "command": arguments[0], "seconds": seconds, "own_bytes": peak})
        print(f"{bar}: {arguments[0]} {seconds:.0f} s, {peak / 2**20:.0f} MiB", file=sys.stderr)
        return peak

    def dataset(self, bar, users, items, least, most, *generate, prepare=(), limit=None):
        log, dataset = self.path(f"{bar}.inter"), self.path(f"{bar}.data")
        # No user of the shop meets more than half of its items.
        items = str(max(int(self.count(items)), 2 * most))
        self.clseq(bar, "generate", log, "--users", self.count(users), "--items", items, "--min-events",
                   str(least), "--max-events", str(most), "--seed", "1", *generate)
        self.clseq(bar, "prepare", log, "-o", dataset, *prepare, limit=limit)
        os.remove(log)
        return dataset

    def train(self, bar, dataset, *settings):
        run_ = self.path(f"{bar}.run")
        peak = self.clseq(bar, "train", dataset, "--model", "lstm", "--run", run_, "--device", self.asked.device, *settings)
        return run_, peak

    def verdict(self, bar, taken, most):
        most *= self.asked.scale
        self.rows.append({"bar": bar, "own_bytes": taken, "most_bytes": most, "holds": taken <= most})

    def bar_train(self):
        dataset = self.dataset("train", 2_000_000, 200_000, 50, 150)
        _, peak = self.train("train", dataset, "--split-by", "time", "--validation-from", "99.9%", "--test-from",
                             "99.95%", "--max-time", self.asked.max_time)
        self.verdict("train", peak, 2.5 * 2**30)

    def bar_ranks(self):
        self.compare("ranks", lambda bar, share: self.dataset(bar, 20_000_000 * share, 2_000, 3, 5), ("--split-by", "leave-one-out"),
                     ("--sampled-negatives", "100"))

    def bar_rows(self):
        self.compare("rows", lambda bar, share: self.dataset(bar, 400_000 * share, 2_000, 50, 150, "--typed"),
                     ("--task", "next-event-type", "--split-by", "time", "--validation-from", "49%", "--test-from",
                      "50%"), ())

    def compare(self, bar, dataset, settings, evaluation):
        """The evaluation of all targets beside that of a hundredth of them, by models of one size."""
        peaks = []
        for name, share in ((bar, 1), (f"{bar}-small", 0.01)):
            data = dataset(name, share)
            run_, _ = self.train(name, data, "--hidden-size", "16", "--max-length", "5", "--batch-size", "512",
                                 "--max-time", "10s", *settings)
            peaks.append(self.clseq(name, "evaluate", run_, *evaluation))
            shutil.rmtree(data)
        self.verdict(bar, peaks[0] - peaks[1], 2**30)

    def bar_users(self):
        self.dataset("users", 40_000_000, 200_000, 1, 3, prepare=("--keep-short-users",), limit=1024)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--scale", type=float, default=1)
    arguments.add_argument("--bars", default="train,ranks,rows,users")
    arguments.add_argument("--clseq", default=".build/release/clseq")
    arguments.add_argument("--device", default="cpu")
    arguments.add_argument("--max-time", default="2m", help="how long the bar train trains (default 2m)")
    arguments.add_argument("--folder", help="where logs, datasets and runs go (default: a temporary folder)")
    arguments.add_argument("--json", action="store_true", help="one JSON document in place of the table")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        bars = Bars(asked, folder)
        for bar in asked.bars.split(","):
            getattr(bars, f"bar_{bar}")()
            for name in os.listdir(folder):
                shutil.rmtree(bars.path(name))
    if asked.json:
        print(json.dumps({"scale": asked.scale, "rows": bars.rows}))
        return
    print("| bar | command | s | own MiB | at most |\n| --- | --- | --- | --- | --- |")
    for row in bars.rows:
        most = f"{row['most_bytes'] / 2**20:,.0f}" if "most_bytes" in row else ""
        print(f"| {row['bar']} | {row.get('command', 'verdict')} | {row.get('seconds', 0):.0f} | "
              f"{row['own_bytes'] / 2**20:,.0f} | {most} |")
    if not all(row.get("holds", True) for row in bars.rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
