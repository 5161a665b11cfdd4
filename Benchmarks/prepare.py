#!/usr/bin/env python3
"""Times `clseq prepare` beside Polars and pandas: the same log, the same work, in turn.

    Benchmarks/prepare.py [--events 20000000] [--users N] [--items N] [--rounds 3] [--clseq .build/release/clseq]
                          [--folder DIR] [--systems LIST] [--json]

The log is made here: CSV of user_id, item_id, event_type, price, timestamp; a quarter of the events is of a type
that is dropped. The work: read, drop, take the 5-core, number users and items, order by user and time, write. Every
system runs as a process of its own; peak is its largest resident memory, own the largest of it that is no page of a
file (RssAnon, looked at twenty times a second).
"""
import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PEERS = {
    "polars": """
import polars as pl
events = (pl.scan_csv(log).filter(pl.col("event_type") != "bad")
          .select("user_id", "item_id", "event_type", "timestamp").collect())
count = None
while count != events.height:
    count = events.height
    for column in ("user_id", "item_id"):
        events = events.filter(pl.len().over(column) >= 5)
events = events.with_columns(
    pl.col("user_id").cast(pl.Categorical).to_physical(),
    pl.col("item_id").cast(pl.Categorical).to_physical())
events.sort("user_id", "timestamp", maintain_order=True).write_parquet(out)
print(count)
""",
    "pandas": """
import pandas as pd
events = pd.read_csv(log, usecols=["user_id", "item_id", "event_type", "timestamp"])
events = events[events.event_type != "bad"]
count = None
while count != len(events):
    count = len(events)
    for column in ("user_id", "item_id"):
        events = events[events.groupby(column)[column].transform("size") >= 5]
events = events.assign(user_id=pd.factorize(events.user_id)[0], item_id=pd.factorize(events.item_id)[0])
events.sort_values(["user_id", "timestamp"], kind="stable").to_pickle(out)
print(count)
""",
}


def make_log(path, count, users=None, items=None):
    """A log with uniform users and skewed items, in the order of time, written by the million."""
    import numpy
    import polars

    random = numpy.random.default_rng(1)
    types = numpy.array(["view", "cart", "buy", "bad"])
    span = 30_000_000
    users, items = users or max(1, count // 28), items or max(1, count // 400)
    with open(path, "wb") as file:
        for start in range(0, count, 1_000_000):
            size = min(1_000_000, count - start)
            first, last = (1_700_000_000 + span * at // count for at in (start, start + size))
            chunk = polars.DataFrame({
                "user_id": random.integers(0, users, size),
                "item_id": (items * random.power(0.35, size)).astype(numpy.int64),
                "event_type": types[random.integers(0, 4, size)],
                "price": numpy.round(100 * random.random(size), 2),
                "timestamp": numpy.sort(random.integers(first, max(last, first + 1), size)),
            }).with_columns(
                polars.format("u{}", "user_id").alias("user_id"),
                polars.format("i{}", "item_id").alias("item_id"))
            chunk.write_csv(file, include_header=start == 0)


def in_child(function, *arguments):
    """Calls in another process: a measured one begins as a copy of this, and its peak counts what this one holds."""
    child = multiprocessing.Process(target=function, args=arguments)
    child.start()
    child.join()
    if child.exitcode != 0:
        sys.exit(f"{function.__name__} failed")


def anonymous_megabytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon:")), 0)


def run(command):
    """Seconds, peak of resident memory in MB, and of what of it is no page of a file."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ended = threading.Event()
    own = [0]

    def watch():
        while not ended.wait(0.05):
            own.append(anonymous_megabytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} ended with status {status}")
    return seconds, usage.ru_maxrss / 1024, max(own)


def command(system, log, out, clseq):
    if system == "clseq":
        return [clseq, "prepare", log, "-o", out, "--drop-event", "bad", "--min-user-events", "5",
                "--min-item-events", "5"]
    return [sys.executable, "-c", f"log, out = {log!r}, {out!r}\n{PEERS[system]}"]


def measure(asked):
    """The systems in turn on one log; a figure of each."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        log = os.path.join(folder, "log.csv")
        in_child(make_log, log, asked.events, asked.users, asked.items)
        taken = {system: [] for system in asked.systems.split(",")}
        for round_ in range(asked.rounds):
            for system, figures in taken.items():
                out = os.path.join(folder, f"{system}-{round_}")
                figures.append(run(command(system, log, out, asked.clseq)))
        byte_count = os.path.getsize(log)
    rows = [{"system": system, "seconds": statistics.median(entry[0] for entry in figures),
             "seconds_low": min(entry[0] for entry in figures), "seconds_high": max(entry[0] for entry in figures),
             "peak_megabytes": max(entry[1] for entry in figures),
             "own_megabytes": max(entry[2] for entry in figures)} for system, figures in taken.items()]
    return {"events": asked.events, "bytes": byte_count, "rounds": asked.rounds, "rows": rows}


def print_table(report):
    print(f"{report['events']:,} events, {report['bytes'] / 1e6:,.0f} MB of CSV\n")
    ours = next((row["seconds"] for row in report["rows"] if row["system"] == "clseq"), None)
    print("| system | s, median (least to most) | peak MB | own MB | clseq is |\n| --- | --- | --- | --- | --- |")
    for row in report["rows"]:
        ratio = f"{row['seconds'] / ours:.2f}×" if ours and row["system"] != "clseq" else ""
        print(f"| {row['system']} | {row['seconds']:.1f} ({row['seconds_low']:.1f} to {row['seconds_high']:.1f}) | "
              f"{row['peak_megabytes']:,.0f} | {row['own_megabytes']:,.0f} | {ratio} |")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--events", type=int, default=20_000_000)
    arguments.add_argument("--users", type=int, help="default: events / 28")
    arguments.add_argument("--items", type=int, help="default: events / 400")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--clseq", default=".build/release/clseq")
    arguments.add_argument("--folder", help="where the log and the results go (default: a temporary folder)")
    arguments.add_argument("--systems", default="clseq,polars,pandas")
    arguments.add_argument("--json", action="store_true", help="one JSON document in place of the table")
    asked = arguments.parse_args()
    report = measure(asked)
    if asked.json:
        print(json.dumps(report))
    else:
        print_table(report)


if __name__ == "__main__":
    main()
