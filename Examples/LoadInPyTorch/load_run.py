#!/usr/bin/env python3
"""Loads a next-item run of clseq (transformer, bert4rec, lstm or gru) in PyTorch and scores all items.

    load_run.py RUN ID,ID,...     the ten best items after a history, as `clseq recommend --seen allow`

docs/formats.md describes the files. Needs torch, safetensors and PyYAML.
"""

import sys

import torch
import yaml
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width, heads, head_width, window, causal):
        super().__init__()
        self.heads, self.window, self.causal = heads, window, causal
        inner = heads * head_width
        self.query, self.key, self.value = (nn.Linear(width, inner) for _ in range(3))
        self.out = nn.Linear(inner, width)

    def forward(self, x):  # [T, D]
        # Head h takes columns h K ..< (h + 1) K; scores are scaled by 1 / sqrt(K).
        q, k, v = (
            part(x).unflatten(-1, (self.heads, -1)).transpose(0, 1)
            for part in (self.query, self.key, self.value)
        )
        sees = torch.ones(len(x), len(x), dtype=torch.bool)
        if self.causal:
            sees = sees.tril()
        if self.window:  # an event sees itself and the window - 1 events before it
            sees = sees.triu(1 - self.window)
        context = F.scaled_dot_product_attention(q, k, v, attn_mask=sees)
        return self.out(context.transpose(0, 1).flatten(1))


class FeedForward(nn.Module):
    def __init__(self, width, inner, activation):
        super().__init__()
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.activation = activation

    def forward(self, x):
        return self.down(self.activation(self.up(x)))


class Block(nn.Module):
    def __init__(self, width, heads, head_width, window, causal, inner, activation, pre):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, head_width, window, causal)
        self.feed_forward = FeedForward(width, inner, activation)
        self.pre = pre

    def forward(self, x):
        parts = ((self.attention_norm, self.attention), (self.feed_forward_norm, self.feed_forward))
        for norm, part in parts:
            x = x + part(norm(x)) if self.pre else norm(x + part(x))
        return x


class Transformer(nn.Module):
    def __init__(self, rows, config):
        super().__init__()
        width = config["hidden_size"]
        inner = config["feed_forward_size"] or 4 * width
        activation = {
            "gelu": F.gelu, "relu": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
        }[config["activation"]]
        pre = config["norm"] == "pre"
        causal = config["model"] == "transformer"
        # A mask follows the events that bert4rec predicts from.
        places = config["max_length"] + (0 if causal else 1)
        self.items = nn.Embedding(rows, width)
        if config["positions"] == "learned":
            self.positions = nn.Embedding(places, width)
        else:
            column = torch.arange(width)
            angle = torch.arange(places)[:, None] * 10_000.0 ** (
                -(column // 2 * 2) / width
            )
            table = 0.02 * torch.where(column % 2 == 0, angle.sin(), angle.cos())
            self.positions = lambda places: table[places]
        self.blocks = nn.ModuleList(
            Block(width, config["heads"], config.get("head_width") or width // config["heads"],
                  config.get("attention_window", 0), causal, inner, activation, pre)
            for _ in range(config["layers"])
        )
        self.norm = nn.LayerNorm(width) if pre else nn.Identity()

    def forward(self, items):  # [T] -> [T, D]
        x = self.items(items) + self.positions(torch.arange(len(items)))
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Recurrent(nn.Module):
    def __init__(self, rows, config):
        super().__init__()
        width, hidden = config["hidden_size"], int(config["recurrent_sizes"])
        self.kind = config["model"]
        self.items = nn.Embedding(rows, width)
        setattr(self, self.kind, {"lstm": nn.LSTM, "gru": nn.GRU}[self.kind](width, hidden))
        self.output = nn.Linear(hidden, width) if hidden != width else nn.Identity()

    def forward(self, items):
        return self.output(getattr(self, self.kind)(self.items(items))[0])


class Run:
    def __init__(self, path):
        with open(f"{path}/config.yaml") as file:
            self.config = yaml.safe_load(file)
        if self.config.get("lora_rank") and self.config.get("start_from"):
            sys.exit(f"{path} has adapters alone: clseq finetune --merge {path} --run MERGED")
        with open(f"{path}/vocabulary.txt", newline="\n") as file:
            self.tokens = file.read().split("\n")[:-1]
        self.numbers = {token: line for line, token in enumerate(self.tokens, 1)}
        values = load_file(f"{path}/best/model.safetensors")
        kind = Recurrent if self.config["model"] in ("lstm", "gru") else Transformer
        self.model = kind(len(values["items.weight"]), self.config).eval()
        self.model.load_state_dict(values, strict=True)

    @torch.no_grad()
    def scores(self, history):
        """The score of every item, that of line v of the vocabulary at v - 1."""
        known = [self.numbers[token] for token in history if token in self.numbers]
        items = torch.tensor(known[-self.config["max_length"] :])
        if self.config["model"] == "bert4rec":  # the mask is the table's last row
            items = F.pad(items, (0, 1), value=len(self.model.items.weight) - 1)
        state = self.model(items)[-1]
        return self.model.items.weight[1 : 1 + len(self.tokens)] @ state


if __name__ == "__main__":
    run = Run(sys.argv[1])
    best = run.scores(sys.argv[2].split(",")).topk(min(10, len(run.tokens)))
    for score, index in zip(best.values, best.indices):
        print(run.tokens[index], f"{score:.4f}")
