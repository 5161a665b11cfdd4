"""PyTorch models of clicks, of the same form and with the same training as clseq's.

`transformer-ctr` (Chen et al., DLP-KDD 2019, with every event a candidate) is
Sources/ClseqModels/TransformerCTR.swift, `din` (Zhou et al., KDD 2018) DeepInterestNetwork.swift, `dlrm`
(Naumov et al., 2019) DeepLearningRecommendationModel.swift: weights from N(0, 0.02), biases zero. Benchmarks/click.py has the log, the protocol and the figures.
"""

import copy
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from torch_sasrec import Block

BATCH = 128  # sequences
PATIENCE, WINDOW = 10, 5
GAPS = 33


class TransformerCTR(nn.Module):
    """Item beside the outcome of the event before, time gap and position; blocks; a linear head."""

    WIDTH, OUTCOME_WIDTH, HEADS, BLOCKS, DROPOUT = 96, 32, 8, 1, 0.2
    PART = BATCH  # sequences at a time

    def __init__(self, log, length):
        super().__init__()
        self.items = nn.Embedding(log.known_items + 2, self.WIDTH - self.OUTCOME_WIDTH)
        self.outcomes = nn.Embedding(log.outcome_count, self.OUTCOME_WIDTH)
        self.gaps = nn.Embedding(GAPS, self.WIDTH)
        self.blocks = nn.ModuleList(
            Block(self.WIDTH, self.HEADS, self.DROPOUT) for _ in range(self.BLOCKS))
        self.norm = nn.LayerNorm(self.WIDTH)
        self.head = nn.Linear(self.WIDTH, 1)
        column = np.arange(self.WIDTH)
        angles = np.arange(length)[:, None] * 10_000.0 ** (-(column // 2 * 2) / self.WIDTH)
        positions = 0.02 * np.where(column % 2 == 0, np.sin(angles), np.cos(angles))
        self.register_buffer("positions", torch.tensor(positions, dtype=torch.float32))

    def forward(self, batch):
        x = torch.cat([self.items(batch["item"]), self.outcomes(batch["before"])], -1)
        x = x + self.gaps(batch["gap"]) + self.positions[: x.shape[1]]
        x = F.dropout(x, self.DROPOUT, self.training)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))[..., 0]


class DIN(nn.Module):
    """Each candidate weighs the events before it; the weights are not normalised."""

    WIDTH, UNIT, INNER, DENSE, DROPOUT = 64, 36, 256, 64, 0.2
    PART = 16  # sequences at a time: the unit is [sequences, time, 36, time]

    def __init__(self, log, length):
        super().__init__()
        self.items = nn.Embedding(log.known_items + 2, self.WIDTH)
        self.outcomes = nn.Embedding(log.outcome_count, self.WIDTH)
        self.gaps = nn.Embedding(GAPS, self.WIDTH)
        self.query = nn.Linear(self.WIDTH, self.UNIT)
        self.key = nn.Linear(self.WIDTH, self.UNIT, bias=False)
        self.product = nn.Linear(self.WIDTH, self.UNIT, bias=False)
        self.unit = nn.Linear(self.UNIT, 1, bias=False)
        self.dense = nn.ModuleList(
            [nn.Linear(2 * self.WIDTH, self.INNER), nn.Linear(self.INNER, self.DENSE)])
        self.head = nn.Linear(self.DENSE, 1)

    def vectors(self, batch, outcome):
        x = self.items(batch["item"]) + self.outcomes(batch[outcome]) + self.gaps(batch["gap"])
        return F.dropout(x, self.DROPOUT, self.training)

    def forward(self, batch):
        candidates, history = self.vectors(batch, "before"), self.vectors(batch, "outcome")
        sequences, length, _ = candidates.shape
        # W (q ∘ k) + key k + query q + b is one product of [W scaled by q + key, query q + b] with
        # [k, 1], so that no [time, time, width] is made and [time, 36, time] only once.
        left = torch.cat([candidates[:, :, None] * self.product.weight + self.key.weight,
                          self.query(candidates)[..., None]], -1)
        right = torch.cat([history, history.new_ones(sequences, length, 1)], -1)
        hidden = torch.sigmoid(left.flatten(1, 2) @ right.transpose(1, 2))
        weights = torch.tril(
            (self.unit.weight @ hidden.view(sequences, length, self.UNIT, length))[:, :, 0],
            diagonal=-1)
        x = torch.cat([weights @ history, candidates], -1)
        for layer in self.dense:
            x = F.relu(layer(x))
        return self.head(x)[..., 0]


class DLRM(nn.Module):
    """Dot products of all pairs among a candidate's features and the last events."""

    WIDTH, INNER, DENSE, DROPOUT, LAST, FEATURES = 64, 256, 64, 0.2, 10, 3
    PART = BATCH

    def __init__(self, log, length):
        super().__init__()
        self.items = nn.Embedding(log.known_items + 2, self.WIDTH)
        self.outcomes = nn.Embedding(log.outcome_count, self.WIDTH)
        self.gaps = nn.Embedding(GAPS, self.WIDTH)
        vectors = self.FEATURES + self.LAST
        self.bottom = nn.Linear(vectors * self.WIDTH, self.WIDTH)
        self.dense = nn.ModuleList([
            nn.Linear(self.WIDTH + vectors * (vectors - 1) // 2, self.INNER),
            nn.Linear(self.INNER, self.DENSE)])
        self.head = nn.Linear(self.DENSE, 1)

    def forward(self, batch):
        item, gap = self.items(batch["item"]), self.gaps(batch["gap"])
        features = [item, self.outcomes(batch["before"]), gap]
        history = F.pad(item + self.outcomes(batch["outcome"]) + gap, (0, 0, self.LAST, 0))
        length = item.shape[1]
        last = [history[:, shift:shift + length] for shift in range(self.LAST)]
        x = torch.stack(features + last, 2).flatten(0, 1)
        x = F.dropout(x, self.DROPOUT, self.training)
        products = x @ x.transpose(1, 2)
        rows, columns = torch.tril_indices(x.shape[1], x.shape[1], -1)
        y = torch.cat([F.relu(self.bottom(x.flatten(1))), products[:, rows, columns]], 1)
        for layer in self.dense:
            y = F.relu(layer(y))
        return self.head(y).view(-1, length)


MODELS = {"transformer-ctr": TransformerCTR, "din": DIN, "dlrm": DLRM}


def windows(asked, start, length):
    """Windows (first input, first asked, end) that ask about every event of the stretch `asked`
    once, after half of `length` events of history where there are so many."""
    result = []
    lower, end = asked
    while lower < end:
        history = min(lower - start, length // 2)
        upper = min(end, lower + max(1, length - history))
        result.append((max(start, upper - length), lower, upper))
        lower = upper
    return result


def part_windows(log, part, length):
    return [window for first, last in log.stretches
            for window in windows(log.stretch(first, last, part), first, length)]


def padded(log, chosen):
    """Tensors [windows, longest] of the windows' events, real ones first; what pads is item 0."""
    longest = max(end - first for first, _, end in chosen)
    places = np.zeros((len(chosen), longest), int)
    real, asked = np.zeros(places.shape, bool), np.zeros(places.shape, bool)
    for row, (first, lower, end) in enumerate(chosen):
        places[row, : end - first] = np.arange(first, end)
        real[row, : end - first] = True
        asked[row, lower - first: end - first] = True
    arrays = {"item": log.item, "outcome": log.outcome, "gap": log.gap,
              "before": log.before(log.outcome)}
    batch = {name: torch.from_numpy(np.where(real, values[places], 0))
             for name, values in arrays.items()}
    return batch | {"asked": torch.from_numpy(asked),
                    "click": torch.from_numpy(log.click[places])}


def scores(model, log, part, length):
    """Of all events of the part, in their order."""
    model.eval()
    chosen = part_windows(log, part, length)
    found = []
    with torch.no_grad():
        for start in range(0, len(chosen), model.PART):
            batch = padded(log, chosen[start:start + model.PART])
            found.append(model(batch)[batch["asked"]].numpy())
    return np.concatenate(found)


def train_epoch(model, optimizer, log, chosen, random):
    model.train()
    order = torch.randperm(len(chosen), generator=random).tolist()
    for start in range(0, len(order), BATCH):
        batch = [chosen[index] for index in order[start:start + BATCH]]
        batch.sort(key=lambda window: window[0] - window[2])
        count = sum(end - lower for _, lower, end in batch)
        optimizer.zero_grad()
        for first in range(0, len(batch), model.PART):
            part = padded(log, batch[first:first + model.PART])
            loss = F.binary_cross_entropy_with_logits(
                model(part)[part["asked"]], part["click"][part["asked"]], reduction="sum")
            (loss / count).backward()
        optimizer.step()


class EarlyStopping:
    """An epoch counts against patience when neither its score nor the mean of the last five is a
    new best: Sources/ClseqTraining/EarlyStopping.swift."""

    def __init__(self):
        self.scores, self.best, self.best_mean, self.stale = [], -np.inf, -np.inf, 0

    def record(self, score):
        """Whether the score is the best so far."""
        self.scores.append(score)
        mean = np.mean(self.scores[-WINDOW:])
        is_best, is_best_mean = score > self.best, mean > self.best_mean
        self.best, self.best_mean = max(self.best, score), max(self.best_mean, mean)
        self.stale = 0 if is_best or is_best_mean else self.stale + 1
        return is_best


def initialize(model):
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        elif parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)


def train(log, name, seed, length, epochs, seconds):
    """Trains until validation AUC rises no more, or time is up; figures of the best epoch."""
    began = time.monotonic()
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    model = MODELS[name](log, length)
    initialize(model)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    stopping, best = EarlyStopping(), None
    chosen = part_windows(log, 0, length)
    for epoch in range(1, epochs + 1):
        train_epoch(model, optimizer, log, chosen, random)
        auc = log.auc(1, scores(model, log, 1, length))
        print(f"{name} seed {seed} epoch {epoch}: validation AUC {auc:.4f}", file=sys.stderr)
        if stopping.record(auc):
            best = (epoch, copy.deepcopy(model.state_dict()))
        if stopping.stale >= PATIENCE or time.monotonic() - began > seconds:
            break
    model.load_state_dict(best[1])
    return {"validation": stopping.best, "test": log.auc(2, scores(model, log, 2, length)),
            "best_epoch": best[0], "epochs": epoch,
            "is_cut": stopping.stale < PATIENCE}
