"""PyTorch training steps of the benchmark model on a real log; prints one JSON document.

Sequences are padded to the longest of the batch. Real events come first, so a causal mask is
enough, and the softmax over the items is taken at real events only.
"""

import torch
from torch import nn
from torch.nn import functional as F

import protocol


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
        scores = self(inputs)[real] @ self.items.weight[1:].T
        return F.cross_entropy(scores, targets[real] - 1)


def main():
    parser = protocol.arguments(__doc__)
    parser.add_argument("--compile", action="store_true", help="torch.compile of the blocks")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(protocol.thread_count())

    sequences, items = protocol.read_sequences(options.data)
    model = SASRec(items, options).to(options.device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    if options.compile:
        model.forward = torch.compile(model.forward)

    def batch(number):
        inputs, targets = protocol.training_batch(
            sequences, number, options.batch_size, options.max_length)
        longest = int((targets > 0).sum(1).max())
        return inputs[:, :longest], targets[:, :longest]

    def step(arrays):
        inputs, targets = (torch.from_numpy(a).long().to(options.device) for a in arrays)
        optimizer.zero_grad()
        loss = model.loss(inputs, targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    measured = protocol.measure(step, batch, options)
    if options.device == "cuda":
        measured["device"] = torch.cuda.get_device_name()
    protocol.report("PyTorch", torch.__version__, options, sequences, items, measured)


if __name__ == "__main__":
    main()
