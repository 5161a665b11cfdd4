#!/usr/bin/env python3
"""Accuracy of next-item models on public logs, run by run, beside what is asked of them.

    Benchmarks/quality.py [--ml1m LOG] [--beauty LOG] [--beauty-5core LOG] [--clseq BINARY]
                          [--runs NAME,...] [--max-time 2h] [--folder runs/quality] [--table]

LOGs are those of the papers: `user item` in time order (ML-1M of SASRec, Beauty of BERT4Rec),
`user item item ...` (Beauty 5-core of S3-Rec). The protocol is leave-one-out, full ranking, seen
items filtered. FOLDER holds a run directory a run and results.jsonl, a line a finished run. A call
goes on where the last one stopped: finished runs are skipped, an interrupted one is resumed from its
checkpoint. A run that --max-time ends counts as finished, with the scores of its best epoch.
"""

import argparse
import hashlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

ML1M = "--max-length 200"


class Entry(NamedTuple):
    """Settings on a log; the mean of the seeds' test NDCG@10 is asked to reach a number."""
    name: str
    data: str
    settings: str
    asked: float
    seeds: tuple = (42,)
    source: str = ""  # where the number comes from

    def run_name(self, seed):
        """Other settings are another run."""
        return f"{self.name}-{seed}-{hashlib.sha256(self.settings.encode()).hexdigest()[:6]}"

    def results(self, all_results):
        return [r for r in all_results if (r["name"], r["settings"]) == (self.name, self.settings)]


ENTRIES = [
    Entry("ml1m-lstm", "ml1m", f"--model lstm {ML1M}", 0.160,
          source="GRU4Rec .1648 (Klenitskiy and Vasilev, RecSys 2023)"),
    Entry("ml1m-bert4rec", "ml1m", f"--model bert4rec {ML1M}", 0.160, (1, 2, 3),
          source="BERT4Rec .1537 (the same), .1618 (RecTools)"),
    Entry("ml1m-bce", "ml1m", f"{ML1M} --loss bce --negatives 1", 0.130,
          source="SASRec with one negative .1341 (the same)"),
    Entry("ml1m-gbce", "ml1m",
          f"{ML1M} --loss gbce --negatives 256", 0.170,
          source="gSASRec .1726 (the same)"),
    Entry("beauty-ce", "beauty",
          "--max-length 50 --layers 1 --heads 1 --dropout 0.4 --patience 3", 0.031, (1, 2, 3),
          source="SASRec with cross-entropy .0327 (the same)"),
    Entry("beauty-5core-ce", "beauty_5core",
          "--max-length 50 --layers 1 --heads 1 --dropout 0.4", 0.031, (1, 2, 3),
          source="SASRec .0318 (Zhou et al., S3-Rec, CIKM 2020)"),
    Entry("beauty-5core-sampled", "beauty_5core",
          "--max-length 50 --layers 1 --heads 1 --dropout 0.4 --loss sampled-softmax "
          "--negatives 2048", 0.050, (1, 2, 3),
          source="SASRec with sampled softmax .0531 (eSASRec's repository)"),
]


def read_results(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def command(entry, seed, run, asked):
    """A new run, or the rest of one that has begun; its settings are kept with it."""
    common = ["--format", "json", "--run", run, "--max-time", asked.max_time]
    if asked.device:
        common += ["--device", asked.device]
    if os.path.exists(os.path.join(run, "config.yaml")):
        return [asked.clseq, "train", "--resume", *common]
    return [asked.clseq, "train", getattr(asked, entry.data), *entry.settings.split(), "--seed",
            str(seed), *common]


def finish(entry, seed, asked):
    """Trains one run to its end; a line of results. Ends the program when the run does not."""
    run = os.path.join(asked.folder, entry.run_name(seed))
    words = command(entry, seed, run, asked)
    print(f"quality: {' '.join(words)}", file=sys.stderr)
    start = time.perf_counter()
    # A session of its own, so that an interrupt reaches it once, by way of this process: it then
    # writes a checkpoint.
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        sys.exit(130)
    if process.returncode != 0:
        sys.exit(f"quality: {run} ended with status {process.returncode}")
    summary = json.loads(output)
    return {
        "name": entry.name, "seed": seed, "settings": entry.settings,
        "NDCG@10": summary["test"]["NDCG@10"], "HR@10": summary["test"]["HR@10"],
        "validation_NDCG@10": summary["validation"]["NDCG@10"],
        "best_epoch": summary["best_epoch"], "epochs": summary.get("epochs"),
        "training_events_per_second": summary["training_events_per_second"],
        "seconds_of_this_call": round(time.perf_counter() - start, 1),
        "passport": summary["passport"],
    }


def print_table(results):
    print("| run | settings | NDCG@10 | asked | HR@10 | by seed | best epoch | asked because |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for entry in ENTRIES:
        found = entry.results(results)
        if not found:
            print(f"| {entry.name} | `{entry.settings}` | – | {entry.asked:.3f} |  |  |  | "
                  f"{entry.source} |")
            continue
        ndcg, hit = (statistics.fmean(r[name] for r in found) for name in ("NDCG@10", "HR@10"))
        mark = "" if len(found) == len(entry.seeds) else f" ({len(found)} of {len(entry.seeds)})"
        print(f"| {entry.name} | `{entry.settings}` | {ndcg:.4f}{mark} | {entry.asked:.3f} "
              f"{'met' if ndcg >= entry.asked else 'not met'} | {hit:.4f} | "
              f"{', '.join(format(r['NDCG@10'], '.4f') for r in found)} | "
              f"{', '.join(str(r['best_epoch']) for r in found)} | {entry.source} |")


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, interrupt)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ml1m")
    parser.add_argument("--beauty")
    parser.add_argument("--beauty-5core")
    parser.add_argument("--clseq", default=".build/release/clseq")
    parser.add_argument("--device", help="OpenCL device")
    parser.add_argument("--runs", help="names, in their order (default: all whose log is given)")
    parser.add_argument("--max-time", default="2h", help="of a run, as clseq takes it; 0 for none")
    parser.add_argument("--folder", default="runs/quality")
    parser.add_argument("--table", action="store_true", help="only show what is there")
    asked = parser.parse_args()
    path = os.path.join(asked.folder, "results.jsonl")
    names = [entry.name for entry in ENTRIES]
    wanted = asked.runs.split(",") if asked.runs else names
    if unknown := set(wanted) - set(names):
        parser.error(f"unknown runs {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    os.makedirs(asked.folder, exist_ok=True)
    for name in [] if asked.table else wanted:
        entry = ENTRIES[names.index(name)]
        if not getattr(asked, entry.data):
            print(f"quality: SKIPPED {name}: no --{entry.data.replace('_', '-')}", file=sys.stderr)
            continue
        for seed in entry.seeds:
            if any(r["seed"] == seed for r in entry.results(read_results(path))):
                continue
            line = json.dumps(finish(entry, seed, asked))
            with open(path, "a", encoding="utf-8") as results:
                results.write(line + "\n")
    print_table(read_results(path))


if __name__ == "__main__":
    main()
