"""PyTorch training steps of the benchmark model on a real log; prints one JSON document.

Sequences are padded to the longest of the batch. Real events come first, so a causal mask is
enough, and the softmax over the items is taken at real events only.
"""

import torch
from torch import nn
from torch.nn import functional as F

import protocol
import torch_training


class Block(nn.Module):
    """Pre-norm transformer block; x is [batch, time, width]."""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)

    def drop(self, x):
        return F.dropout(x, self.dropout, self.training)

    def forward(self, x):
        batch, time, width = x.shape
        projected = self.query_key_value(self.attention_norm(x))
        query, key, value = projected.view(
            batch, time, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(
            query, key, value, is_causal=True, dropout_p=self.dropout if self.training else 0.0)
        x = x + self.drop(self.output(attended.transpose(1, 2).reshape(batch, time, width)))
        return x + self.drop(self.contract(F.gelu(self.expand(self.feed_forward_norm(x)))))


class SASRec(nn.Module):
    """Item and position embeddings, blocks, final norm; item scores share the item table."""

    def __init__(self, items, options):
        super().__init__()
        width = options.hidden_size
        self.dropout = options.dropout
        self.items = nn.Embedding(items + 1, width, padding_idx=0)
        self.positions = nn.Embedding(options.max_length, width)
        self.blocks = nn.ModuleList(
            Block(width, options.heads, options.dropout) for _ in range(options.layers))
        self.norm = nn.LayerNorm(width)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, inputs):
        x = self.items(inputs) + self.positions.weight[: inputs.shape[1]]
        x = F.dropout(x, self.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def loss(self, inputs, targets):
        real = targets > 0
        return torch_training.next_item_loss(
            self(inputs)[real], self.items.weight, targets[real])


def make(items, options):
    model = SASRec(items, options)
    if options.compile:
        model.forward = torch.compile(model.forward)
        torch_training.compile_loss()
    return model


def main():
    parser = protocol.arguments(__doc__)
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile of the blocks and of the loss")
    torch_training.measure(make, parser.parse_args())


if __name__ == "__main__":
    main()
