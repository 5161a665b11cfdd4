#!/usr/bin/env python3
"""Times clseq's readers beside Polars and DuckDB on the same files.

    Benchmarks/readers.py [--events 2000000] [--rounds 3] [--threads 2,1] [--clseq .build/release/clseq] [--folder DIR]
                          [--formats csv,csv.gz,jsonl] [--systems clseq,polars,duckdb] [--json]

The log is that of prepare.py (user_id, item_id, event_type, price, timestamp), as CSV, as the same CSV under gzip, and as
JSON Lines. Every system runs as a process of its own on the CPUs 0 to N-1 with N threads and is timed inside, from before
the file is opened until all is done; starting the process and loading a library do not count. MB/s are millions of bytes
of text, decompressed, a second.

What is done:
- clseq: `clseq bench read`. One thread. Every byte is checked to be UTF-8 and hashed, user, item and event type of each
  event are numbered, the time is parsed; events are handed out one by one and not kept.
- polars: reads the columns user, item, type and time into memory ("read"), then numbers users, items and types as
  categoricals ("and number").
- duckdb: the same into a temporary table ("read"), then a table in which users, items and types are enumerations of
  their distinct values ("and number").
"""
import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import prepare

PEERS = {
    "polars": """
import polars as pl
columns = ["user_id", "item_id", "event_type", "timestamp"]
version, start = pl.__version__, time.perf_counter()
if path.endswith(".jsonl"):
    events = pl.scan_ndjson(path).select(columns).collect()
else:
    events = pl.scan_csv(path).select(columns).collect()
read = time.perf_counter() - start
tokens = ["user_id", "item_id", "event_type"]
events = events.with_columns(pl.col(name).cast(pl.Categorical).to_physical() for name in tokens)
numbered = time.perf_counter() - start
count, users, items = events.height, events["user_id"].n_unique(), events["item_id"].n_unique()
""",
    "duckdb": """
import duckdb
database = duckdb.connect(config={"threads": threads})
version, start = duckdb.__version__, time.perf_counter()
reader = "read_ndjson" if path.endswith(".jsonl") else "read_csv"
database.execute(f"CREATE TEMP TABLE log AS SELECT user_id, item_id, event_type, timestamp FROM {reader}('{path}')")
read = time.perf_counter() - start
for name in ("user_id", "item_id", "event_type"):
    database.execute(f"CREATE TYPE {name}s AS ENUM (SELECT DISTINCT {name} FROM log WHERE {name} IS NOT NULL)")
database.execute("CREATE TEMP TABLE events AS SELECT user_id::user_ids AS user_id, item_id::item_ids AS item_id, "
                 "event_type::event_types AS event_type, timestamp FROM log")
numbered = time.perf_counter() - start
count, users, items = database.sql(
    "SELECT count(*), count(DISTINCT user_id), count(DISTINCT item_id) FROM events").fetchall()[0]
""",
}
REPORT = """
print(json.dumps({"version": version, "events": count, "users": users, "items": items,
                  "read_seconds": read, "seconds": numbered}))
"""


def make_logs(folder, count):
    """Writes log.csv, log.csv.gz and log.jsonl."""
    import polars

    csv = os.path.join(folder, "log.csv")
    prepare.make_log(csv, count)
    with open(csv, "rb") as text, gzip.open(csv + ".gz", "wb", compresslevel=6) as packed:
        shutil.copyfileobj(text, packed)
    polars.read_csv(csv).write_ndjson(os.path.join(folder, "log.jsonl"))


def run(system, path, threads, clseq):
    """One process: its report, with the peak of its resident memory in MB."""
    if system == "clseq":
        command = [clseq, "bench", "read", path, "--format", "json"]
    else:
        command = [sys.executable, "-c", f"import json, time\npath, threads = {path!r}, {threads}\n"
                   + PEERS[system] + REPORT]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads)}
    allowed = sorted(os.sched_getaffinity(0))[:threads]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment,
                               preexec_fn=lambda: os.sched_setaffinity(0, allowed))
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{system} ended with status {os.waitstatus_to_exitcode(status)} on {path}")
    return {**json.loads(output), "peak_megabytes": usage.ru_maxrss / 1024}


def summary(reports, text_bytes):
    """The median of each figure over the rounds, as MB/s and MB."""
    def rate(key):
        return text_bytes / 1e6 / statistics.median(report[key] for report in reports)

    row = {"version": reports[0]["version"], "megabytes_per_second": rate("seconds"),
           "peak_megabytes": max(report["peak_megabytes"] for report in reports)}
    if "read_seconds" in reports[0]:
        row["read_megabytes_per_second"] = rate("read_seconds")
    return row


def measure(asked):
    """All combinations, systems in turn, after one round that fills the page cache; they must agree on what is there."""
    rows = []
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        prepare.in_child(make_logs, folder, asked.events)
        for format_ in asked.formats.split(","):
            path = os.path.join(folder, f"log.{format_}")
            text_bytes = os.path.getsize(path.removesuffix(".gz"))
            for threads in map(int, asked.threads.split(",")):
                reports = {system: [] for system in asked.systems.split(",")}
                for round_ in range(asked.rounds + 1):
                    for system, taken in reports.items():
                        report = run(system, path, threads, asked.clseq)
                        taken.extend([report] if round_ else [])
                counts = {tuple(taken[0][key] for key in ("events", "users", "items")) for taken in reports.values()}
                if len(counts) != 1:
                    sys.exit(f"the systems disagree on {path}: {counts}")
                rows += [{"format": format_, "threads": threads, "system": system, "text_bytes": text_bytes,
                          **summary(taken, text_bytes)} for system, taken in reports.items()]
    return {"events": asked.events, "rounds": asked.rounds, "rows": rows}


def print_table(report):
    print(f"{report['events']:,} events, median of {report['rounds']} rounds\n")
    print("| file | threads | system | MB/s, read | MB/s, read and number | peak MB |\n| " + " | ".join(["---"] * 6) + " |")
    for row in report["rows"]:
        read = row.get("read_megabytes_per_second")
        print(f"| {row['format']} | {row['threads']} | {row['system']} {row['version']} | {f'{read:,.0f}' if read else ''} "
              f"| {row['megabytes_per_second']:,.0f} | {row['peak_megabytes']:,.0f} |")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--events", type=int, default=2_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--threads", default="2,1")
    arguments.add_argument("--clseq", default=".build/release/clseq")
    arguments.add_argument("--folder", help="where the logs go (default: a temporary folder)")
    arguments.add_argument("--formats", default="csv,csv.gz,jsonl")
    arguments.add_argument("--systems", default="clseq,polars,duckdb")
    arguments.add_argument("--json", action="store_true", help="one JSON document in place of the table")
    asked = arguments.parse_args()
    report = measure(asked)
    if asked.json:
        print(json.dumps(report))
    else:
        print_table(report)


if __name__ == "__main__":
    main()
