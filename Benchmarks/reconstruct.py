#!/usr/bin/env python3
"""Sequences that are compressed and written back, beside the same model in PyTorch, on the same held-out users.

    Benchmarks/reconstruct.py LOG [--clseq BINARY] [--models autoencoder,vae] [--seeds 1,2,3] [--epochs 240] [--json]

LOG is CSV with user_id, item_id, event_type and timestamp, as `clseq generate --typed --data-format csv` writes it. Items,
types, the logarithm of the time since the event before and the end of each sequence are written back; the split is
clseq's by user (Split+Users.swift). The twin in PyTorch has the same layers, first values of the same distributions,
losses, AdamW, batches of users in random order, warm-up of the divergence and early stopping, and random numbers of
its own. Needs numpy, scikit-learn and torch.
"""

import argparse
import csv
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from churn import user_parts

LENGTH, WIDTH, HIDDEN, CODE = 50, 64, 128, 32
BATCH, RATE, PATIENCE, WARMUP = 64, 0.003, 20, 10
TYPE_COUNT_SPECIAL = 1  # code 0: no type


class Log:
    """The last events of each user, and the part of each."""

    def __init__(self, path):
        users = {}
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                users.setdefault(row["user_id"], []).append(
                    (int(row["timestamp"]), row["item_id"], row["event_type"]))
        self.parts = user_parts(list(users), 42)
        training = [rows for rows, part in zip(users.values(), self.parts) if part == 0]
        items = {item for rows in training for _, item, _ in rows}
        types = {kind for rows in training for _, _, kind in rows}
        self.items = {item: place + 1 for place, item in enumerate(sorted(items))}
        types = {kind: place + 1 for place, kind in enumerate(sorted(types))}
        self.type_count = len(types) + TYPE_COUNT_SPECIAL
        sequences = []
        for rows in users.values():
            rows = sorted(rows, key=lambda row: row[0])
            times = np.array([row[0] for row in rows], float)
            gaps = np.concatenate([[np.nan], np.log1p(np.diff(times))])
            sequences.append((
                np.array([self.items.get(row[1], len(self.items) + 1) for row in rows]),
                np.array([types.get(row[2], 0) for row in rows]), gaps))
        known = np.concatenate([
            gaps[~np.isnan(gaps)] for (_, _, gaps), part in zip(sequences, self.parts) if part == 0])
        self.mean, self.deviation = known.mean(), known.std()
        self.sequences = [
            tuple(torch.tensor(values[-LENGTH:]) for values in (item, kind, (gaps - self.mean) / self.deviation))
            for item, kind, gaps in sequences]

    def of_part(self, part):
        return [sequence for sequence, own in zip(self.sequences, self.parts) if own == part]


def linear(inputs, outputs, deviation=0.02):
    layer = torch.nn.Linear(inputs, outputs)
    torch.nn.init.normal_(layer.weight, std=deviation)
    torch.nn.init.zeros_(layer.bias)
    return layer


def lstm(inputs):
    layer = torch.nn.LSTM(inputs, HIDDEN, batch_first=True)
    with torch.no_grad():
        layer.bias_ih_l0[HIDDEN:2 * HIDDEN] = 1
    return layer


class Twin(torch.nn.Module):
    """The model, with padding and masks."""

    def __init__(self, item_count, type_count, is_variational):
        super().__init__()
        self.start = item_count + 2
        self.item_count, self.is_variational = item_count, is_variational
        self.items = torch.nn.Embedding(item_count + 3, WIDTH)
        self.types = torch.nn.Embedding(type_count, WIDTH)
        for table in [self.items, self.types]:
            torch.nn.init.normal_(table.weight, std=0.02)
        self.numbers = linear(1, WIDTH)
        self.numbers.bias.requires_grad_(False)
        self.reader, self.writer = lstm(WIDTH), lstm(WIDTH)
        self.mean = linear(HIDDEN, CODE, HIDDEN ** -0.5)
        self.log_variance = linear(HIDDEN, CODE, HIDDEN ** -0.5)
        self.hidden, self.cell = (linear(CODE, HIDDEN, CODE ** -0.5) for _ in range(2))
        self.given = linear(CODE, WIDTH, CODE ** -0.5)
        self.output = linear(HIDDEN, WIDTH, HIDDEN ** -0.5)
        self.kind, self.number, self.end = linear(WIDTH, type_count), linear(WIDTH, 1), linear(WIDTH, 1)

    def forward(self, items, kinds, numbers, lengths, draws):
        """The terms of the loss of each event, hits, errors of numbers, and divergences of each dimension."""
        rows = torch.arange(len(items))
        known = ~numbers.isnan()
        x = self.items(items) + self.types(kinds) + self.numbers(numbers.nan_to_num(0)[..., None])
        read = self.reader(x)[0][rows, lengths - 1]
        code, log_variance = self.mean(read), self.log_variance(read)
        divergence = (log_variance.exp() + code ** 2 - 1 - log_variance) / 2
        if self.is_variational and draws:
            code = code + (log_variance / 2).exp() * torch.randn_like(code)
        before = torch.cat([torch.full_like(items[:, :1], self.start), items[:, :-1]], 1)
        first = (torch.tanh(self.hidden(code))[None], self.cell(code)[None])
        states = self.output(self.writer(self.items(before) + self.given(code)[:, None], first)[0])
        mask = torch.arange(items.shape[1])[None] < lengths[:, None]
        states, items, kinds, numbers, known = (
            values[mask] for values in (states, items, kinds, numbers, known))
        ends = (torch.arange(mask.shape[1])[None] == lengths[:, None] - 1)[mask].float()
        scores = states @ self.items.weight[1:self.item_count + 1].T
        targets = torch.where(items <= self.item_count, items - 1, -1)
        terms = {
            "item": functional.cross_entropy(scores, targets, ignore_index=-1, reduction="none"),
            "type": functional.cross_entropy(
                self.kind(states), torch.where(kinds > 0, kinds, -1), ignore_index=-1, reduction="none"),
            "number": torch.where(known, (self.number(states)[:, 0] - numbers.nan_to_num(0)) ** 2 / 2, 0),
            "end": functional.binary_cross_entropy_with_logits(self.end(states)[:, 0], ends, reduction="none"),
        }
        hits = {
            "item": (scores.argmax(1) == targets)[targets >= 0],
            "type": (self.kind(states).argmax(1) == kinds)[kinds > 0],
        }
        return terms, hits, (self.number(states)[:, 0][known], numbers[known]), divergence


def batched(sequences):
    """Padded arrays of some sequences, and their lengths."""
    items, kinds, numbers = (
        pad_sequence(list(values), batch_first=True) for values in zip(*sequences))
    return items, kinds, numbers.float(), torch.tensor([len(values[0]) for values in sequences])


def figures(twin, log, sequences, beta):
    """The figures of clseq."""
    with torch.no_grad():
        terms, hits, (said, truth), divergence = twin(*batched(sequences), draws=False)
    count = len(terms["item"])
    constant = 0.5 * math.log(2 * math.pi) * len(truth) / count
    likelihood = sum(float(term.sum()) for term in terms.values()) / count + constant
    numbers = [torch.expm1(log.mean + log.deviation * values) for values in (said, truth)]
    result = {
        "NLL": likelihood, "accuracy": float(hits["item"].float().mean()),
        "item NLL": float(terms["item"].sum()) / len(hits["item"]),
        "type accuracy": float(hits["type"].float().mean()),
        "gap RMSE": float(((numbers[0] - numbers[1]) ** 2).mean().sqrt()),
        "scaled gap RMSE": float(((said - truth) ** 2).mean().sqrt()),
    }
    if twin.is_variational:
        means = divergence.mean(0)
        result["objective"] = likelihood + beta * float(divergence.sum()) / count
        result["KL"] = float(divergence.sum(1).mean())
        result["active dimensions"] = int((means >= 0.01).sum())
    return result


def train(log, is_variational, seed, asked):
    """The test figures of the twin's best epoch."""
    torch.manual_seed(seed)
    twin = Twin(len(log.items), log.type_count, is_variational)
    parts = [log.of_part(part) for part in range(3)]
    optimizer = torch.optim.AdamW(
        [values for values in twin.parameters() if values.requires_grad], lr=RATE, betas=(0.9, 0.98),
        weight_decay=0.01)
    deciding = "objective" if is_variational else "NLL"
    best, best_epoch, window = None, 0, []
    for epoch in range(asked.epochs):
        order = torch.randperm(len(parts[0]))
        for chosen in order.split(BATCH):
            terms, _, _, divergence = twin(*batched([parts[0][place] for place in chosen]), draws=True)
            loss = sum(term.sum() for term in terms.values())
            if is_variational:
                loss = loss + asked.beta * min(1, (epoch + 1) / WARMUP) * divergence.sum()
            optimizer.zero_grad()
            (loss / len(terms["item"])).backward()
            optimizer.step()
        value = figures(twin, log, parts[1], asked.beta)[deciding]
        if best is None or value < best[0]:
            best, best_epoch = (value, figures(twin, log, parts[2], asked.beta), epoch + 1), epoch
        if epoch - best_epoch >= PATIENCE:
            break
    return best[1] | {"epoch": best[2]}


def clseq(asked, model, seed):
    """The test figures of a run of clseq."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            asked.clseq, "train", asked.log, "--task", "reconstruct", "--model", model, "--inputs",
            "type,features", "--event-features", "gap:log", "--epochs", str(asked.epochs), "--seed", str(seed),
            "--format", "json", "--quiet", "--run", os.path.join(folder, "run")]
        if model == "vae":
            command += ["--beta", str(asked.beta)]
        done = subprocess.run(command + asked.options.split(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr[-2000:]}")
    document = json.loads(done.stdout)
    return document["test"] | {
        "epoch": document["best_epoch"], "events per second": document["training_events_per_second"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--clseq", default="clseq")
    parser.add_argument("--models", default="autoencoder,vae")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=int, default=240)
    parser.add_argument("--beta", type=float, default=1)
    parser.add_argument("--options", default="", help="further options of clseq train")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    log = Log(asked.log)
    rows = []
    for model in asked.models.split(","):
        for seed in map(int, asked.seeds.split(",")):
            rows.append({"system": "clseq", "model": model, "seed": seed} | clseq(asked, model, seed))
            if model in ["autoencoder", "vae"]:
                rows.append(
                    {"system": "PyTorch", "model": model, "seed": seed} | train(log, model == "vae", seed, asked))
            print(json.dumps(rows[-2:]), file=sys.stderr, flush=True)
    if asked.json:
        print(json.dumps(rows, indent=1))
        return
    names = [name for name in rows[-1] if name not in ["system", "model", "seed"]]
    for system, model in dict.fromkeys((row["system"], row["model"]) for row in rows):
        own = [row for row in rows if (row["system"], row["model"]) == (system, model)]
        cells = [
            f"{name} {statistics.mean(row[name] for row in own):.4g} "
            f"({min(row[name] for row in own):.4g} to {max(row[name] for row in own):.4g})"
            for name in names if all(name in row for row in own)]
        print(f"{system} {model}: " + ", ".join(cells))


if __name__ == "__main__":
    main()
