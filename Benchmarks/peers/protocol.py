"""What every measured system has in common: the log, the batches, the settings, the report.

A batch is named by its number alone, so that systems written in different languages train on the
same events. Of the U users with at least three events, in the order of the file, batch k takes
users k, k + s, k + 2s, ... (size of them, modulo U), with stride s = max(1, U // size). A user's
last two events are the validation and test targets; of the rest the most recent `length + 1` are
kept: inputs are all but the last, targets all but the first.
"""

import argparse
import json
import os
import statistics
import time

import numpy as np


def arguments(description):
    """Parses the settings of the benchmark model; the defaults are those of Scripts/bench."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", help="`user item` text in time order, or a RecBole .inter file")
    parser.add_argument("--label", default=None, help="name of this run in the report")
    parser.add_argument("--hidden-size", type=int, default=64)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--max-length", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--warmup", type=int, default=3, help="steps before the clock starts")
    parser.add_argument("--steps", type=int, default=10, help="measured steps")
    parser.add_argument("--seconds", type=float, default=120, help="stop measuring after this long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    return parser


def thread_count():
    """CPUs this process may run on: Scripts/bench sets them with taskset, alike for all."""
    return len(os.sched_getaffinity(0))


def read_events(path):
    """Yields (line number, user, item) in time order; equal times keep the order of the file."""
    with open(path, encoding="utf-8") as lines:
        if not path.endswith(".inter"):
            for number, line in enumerate(lines):
                if line.strip():
                    yield number, *line.split()
            return
        columns = [column.split(":")[0] for column in next(lines).rstrip("\n").split("\t")]
        user, item, stamp = (columns.index(c) for c in ("user_id", "item_id", "timestamp"))
        rows = [(number, *line.rstrip("\n").split("\t")) for number, line in enumerate(lines)]
        rows.sort(key=lambda row: float(row[1 + stamp]))
        for row in rows:
            yield row[0], row[1 + user], row[1 + item]


def read_sequences(path):
    """Returns the users' item sequences (indices from 1) and the number of items."""
    events = list(read_events(path))
    items, sequences = {}, {user: [] for _, user, _ in sorted(events)}
    for _, user, item in events:
        sequences[user].append(items.setdefault(item, len(items) + 1))
    return [s for s in sequences.values() if len(s) >= 3], len(items)


def training_batch(sequences, number, size, length):
    """Batch `number` as two int32 arrays [size, length], inputs and targets, 0 after the end."""
    inputs = np.zeros((size, length), np.int32)
    targets = np.zeros((size, length), np.int32)
    stride = max(1, len(sequences) // size)
    for row in range(size):
        kept = sequences[(number + row * stride) % len(sequences)][:-2][-(length + 1):]
        inputs[row, : len(kept) - 1] = kept[:-1]
        targets[row, : len(kept) - 1] = kept[1:]
    return inputs, targets


def trimmed(inputs, targets):
    """The same batch without the columns in which no sequence has an event."""
    longest = int((targets > 0).sum(1).max())
    return inputs[:, :longest], targets[:, :longest]


def measure(step, batches, options):
    """Times `step(batch)` and returns the report; step must wait until its loss is known."""
    rates, times, losses = [], [], []
    events, processor_seconds = 0, 0.0
    began = time.perf_counter()
    for index in range(options.warmup + options.steps):
        batch = batches(index)
        if index == options.warmup:
            began = time.perf_counter()
        start, processor_start = time.perf_counter(), time.process_time()
        loss = step(batch)
        seconds = time.perf_counter() - start
        losses.append(round(float(loss), 4))
        if index >= options.warmup:
            times.append(seconds)
            rates.append(int((batch[1] > 0).sum()) / seconds)
            events += int((batch[1] > 0).sum())
            processor_seconds += time.process_time() - processor_start
            if time.perf_counter() - began > options.seconds:
                break
    return {
        "events_per_second": round(statistics.median(rates), 1),
        "events_per_second_low": round(min(rates), 1),
        "events_per_second_high": round(max(rates), 1),
        "events_per_cpu_second": round(events / processor_seconds, 1),
        "step_milliseconds": round(1000 * statistics.median(times), 2),
        "steps": len(times),
        "losses": losses,
    }


def report(system, version, options, sequences, items, measured):
    """Prints one JSON document."""
    settings = vars(options).copy()
    label = settings.pop("label")
    data = os.path.basename(settings.pop("data"))
    print(json.dumps({
        "system": label or system,
        "version": version,
        "data": data,
        "users": len(sequences),
        "items": items,
        "threads": thread_count(),
        "settings": settings,
        **measured,
    }))
